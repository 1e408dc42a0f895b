import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from commands.evaluate_table import corruption_table, profile_table
from hoovik.settings import read_settings


def train(
    config: Annotated[
        Path, typer.Option(help="Training file, such as training/configs/embedded.yaml.")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the bundle.")],
    data: Annotated[
        Path, typer.Option(help="Folder of the corpora: {data} in the training file.")
    ] = Path("../shared/data"),
    work: Annotated[
        Path | None,
        typer.Option(help="Folder of what a stopped run goes on from; default: beside the bundle."),
    ] = None,
    encoders: Annotated[
        Path | None,
        typer.Option(help="Take the embedded encoders' weights from here instead of fitting them."),
    ] = None,
    workers: Annotated[int, typer.Option(min=0, help="Ray tasks of the extraction.")] = 2,
) -> None:
    """Make a bundle out of labelled recordings: encoders, models, calibration, figures, card."""
    from training.config import read_config
    from training.train import Places
    from training.train import train as run

    places = Places(out, work or out.with_name(f"{out.name}-work"), encoders)
    settings = read_settings()
    figures = run(read_config(config, data), places, settings, workers=workers)
    (places.work / "figures.json").write_text(json.dumps(figures, indent=2), encoding="utf-8")
    console = Console()
    console.print(profile_table(figures))
    if figures["corruptions"]:
        console.print(corruption_table(figures))
