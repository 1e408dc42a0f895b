from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from commands.bench_options import JsonFile, write
from commands.cast import SAMPLE_MEETING


def replay(
    minutes: Annotated[
        list[float] | None, typer.Option(help="Length of the made meeting; several in turn.")
    ] = None,
    nodes: Annotated[
        list[int] | None,
        typer.Option(help="Simulated nodes of one CPU each; 0: this machine as it is."),
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """Speed and memory of replays of the sample meeting, over and over, by its two participants."""
    from bench.replays import ReplayFigures, measure_replay

    table = Table("minutes of each", "nodes", "x real time", "seconds", "peak memory, GB")
    figures: list[ReplayFigures] = []
    for length in minutes or [10.0]:
        for size in nodes or [0]:
            one = measure_replay(SAMPLE_MEETING, 60 * length, size)
            figures.append(one)
            table.add_row(
                f"{one.media_s / 120:.1f}",
                str(size or "-"),
                f"{one.speed:.1f}",
                f"{one.wall_s:.0f}",
                f"{one.peak_gb:.2f}",
            )
    Console().print(table)
    write(json_file, [asdict(one) for one in figures])
