import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from hoovik.settings import Settings


def models(
    repetitions: Annotated[int, typer.Option(min=1, help="Timed calls of each.")] = 60,
    untrained: Annotated[bool, typer.Option(help="Random weights of the same shapes.")] = False,
    rounds: Annotated[int, typer.Option(min=1, help="Boosting rounds of random weights.")] = 525,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures here.")
    ] = None,
) -> None:
    """Time of everything after the encoders, and of faces, on one core; best on a machine at rest."""
    from bench.models import BATCHES, measure_models

    console = Console()
    figures = measure_models(
        Settings().bundle, untrained=untrained, repetitions=repetitions, rounds=rounds
    )
    for title, values, digits in (
        ("ms per sample, or per frame", figures["parts"], 3),
        ("times as long", figures["ratios"], 2),
    ):
        table = Table(title, *map(str, BATCHES))
        for name, by_batch in values.items():
            table.add_row(
                name,
                *(f"{by_batch[size]:.{digits}f}" if size in by_batch else "" for size in BATCHES),
            )
        console.print(table)
    for name, difference in figures["differences"].items():
        console.print(f"{name}: at most {difference:.1e} from ours")
    for name in figures["left_out"]:
        console.print(f"{name} is left out: not installed")
    console.print(f"load average before {figures['load_average']:.1f}")
    if json_file is not None:
        json_file.write_text(json.dumps(figures, indent=2))
