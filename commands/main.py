import typer

from commands import bench, bundle, demo, serve, settings

app = typer.Typer(
    name="hoovik",
    no_args_is_help=True,
    help="Live emotion recognition for video meetings, on Ray.",
    pretty_exceptions_show_locals=False,
)
app.command()(serve.serve)
app.command()(demo.demo)
app.command()(settings.settings)
app.add_typer(bundle.app, name="bundle")
app.add_typer(bench.app, name="bench")
