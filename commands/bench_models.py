from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from commands.bench_options import JsonFile, write
from hoovik.settings import Settings


def models(
    landmarker: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="MediaPipe's face_landmarker.task; none: left out."
        ),
    ] = None,
    wav2vec2: Annotated[bool, typer.Option(help="Time wav2vec2, with random weights.")] = True,
    repetitions: Annotated[
        int, typer.Option(min=1, help="Timed calls of each; of Whisper half, of wav2vec2 a tenth.")
    ] = 60,
    untrained: Annotated[bool, typer.Option(help="Random weights of the same shapes.")] = False,
    rounds: Annotated[int, typer.Option(min=1, help="Boosting rounds of random weights.")] = 220,
    json_file: JsonFile = None,
) -> None:
    """Time of each encoder and model by batch, on one core; best on a machine at rest."""
    from bench.models import BATCHES, measure_models

    console = Console()
    figures = measure_models(
        Settings().bundle,
        landmarker,
        untrained=untrained,
        wav2vec2=wav2vec2,
        repetitions=repetitions,
        rounds=rounds,
    )
    machine = figures["machine"]
    where = "one core" if machine["pinned"] else "one compute thread, not pinned to a core"
    table = Table(
        "model", *map(str, BATCHES), title=f"Milliseconds of one, by batch, median; {where}"
    )
    for part, by_batch in figures["median_ms"].items():
        cells = (f"{by_batch[size]:.2f}" if size in by_batch else "" for size in BATCHES)
        table.add_row(part, *cells)
    console.print(table)
    console.print(
        f"{machine['processor']}, {machine['cores']} cores, load average before "
        f"{machine['load_average']:.1f}, torch {machine['torch']}"
    )
    if landmarker is None:
        console.print("MediaPipe is left out: --landmarker names no face_landmarker.task")
    if not wav2vec2:
        console.print("wav2vec2 is left out, as asked")
    write(json_file, figures)
