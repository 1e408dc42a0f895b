import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from hoovik.errors import HoovikError

EXTRAS = {
    "serve": "serve",
    "demo": "serve",
    "replay": "replay",
    "evaluate": "train",
    "train": "train",
    "settings": "serve",
    "bundle": "serve",
    "bench": "bench",
}
"""The extra of each command, which brings what its module of the same name imports."""


class NotInstalledError(HoovikError):
    """A command whose extra is missing."""

    code = "NOT_INSTALLED"


class _Commands(TyperGroup):
    """Imports a command when it is asked for: what one needs, the others need not have."""

    def list_commands(self, _ctx: Any) -> list[str]:
        return list(EXTRAS)

    def get_command(self, _ctx: Any, cmd_name: str) -> Any:
        return _command(cmd_name) if cmd_name in EXTRAS else None

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            raise NotInstalledError(_needs(ctx.invoked_subcommand, error)) from error


def _command(name: str) -> Any:
    try:
        module = import_module(f"commands.{name}")
    except ModuleNotFoundError as error:
        return _absent(name, _needs(name, error))
    holder = typer.Typer(callback=lambda: None)
    if isinstance(commands := getattr(module, "app", None), typer.Typer):
        holder.add_typer(commands, name=name)
    else:
        holder.command(name)(getattr(module, name))
    return get_group(holder).commands[name]


def _absent(name: str, words: str) -> TyperCommand:
    def refuse() -> None:
        raise NotInstalledError(words)

    anything = {"ignore_unknown_options": True, "allow_extra_args": True}
    return TyperCommand(name, callback=refuse, help=escape(words), context_settings=anything)


def _needs(command: str, error: ModuleNotFoundError) -> str:
    missing = (error.name or "").partition(".")[0]
    if not missing or find_spec(missing):  # a fault of ours
        raise error
    extra = EXTRAS[command]
    return f'hoovik {command} needs `pip install "hoovik[{extra}]"`: {missing} is not installed'


app = typer.Typer(
    name="hoovik",
    cls=_Commands,
    no_args_is_help=True,
    help="Live emotion recognition for video meetings, on Ray.",
    pretty_exceptions_show_locals=False,
    callback=lambda: None,  # without one or a command Typer makes nothing of it
)


def main() -> None:
    """Run a command; what the project refuses or cannot do is said in words, with status 1."""
    try:
        app()
    except HoovikError as error:
        console = Console(stderr=True)
        console.print(
            f"[red]{error.code}[/red]: {escape(error.message)}", highlight=False, soft_wrap=True
        )
        sys.exit(1)
