import sys

import typer
from rich.console import Console
from rich.markup import escape

from commands import bench, bundle, demo, evaluate, replay, serve, settings, train
from hoovik.errors import HoovikError

app = typer.Typer(
    name="hoovik",
    no_args_is_help=True,
    help="Live emotion recognition for video meetings, on Ray.",
    pretty_exceptions_show_locals=False,
)
app.command()(serve.serve)
app.command()(demo.demo)
app.command()(replay.replay)
app.command()(evaluate.evaluate)
app.command()(train.train)
app.command()(settings.settings)
app.add_typer(bundle.app, name="bundle")
app.add_typer(bench.app, name="bench")


def main() -> None:
    """Run a command; what the project refuses or cannot do is said in words, with status 1."""
    try:
        app()
    except HoovikError as error:
        console = Console(stderr=True)
        console.print(f"[red]{error.code}[/red]: {escape(error.message)}", highlight=False)
        sys.exit(1)
