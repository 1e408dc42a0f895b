import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.live import measure_live
from commands.profiles import EncoderProfile, settings_for
from commands.service import running

app = typer.Typer(no_args_is_help=True, help="Measure the service.")


@app.callback()
def bench() -> None:
    """Measure the service."""


@app.command()
def live(
    participants: Annotated[int, typer.Option(help="Who stream at the same time.")] = 2,
    seconds: Annotated[float, typer.Option(help="How long they stream.")] = 20.0,
    encoders: Annotated[EncoderProfile, typer.Option(help="Encoders.")] = EncoderProfile.EMBEDDED,
    untrained: Annotated[bool, typer.Option(help="Random weights of the same shapes.")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures here.")
    ] = None,
) -> None:
    """Results per second, latency and CPU seconds under a load from another process."""
    console = Console()
    settings = settings_for(encoders, untrained=untrained)
    with running(settings) as url:
        measure_live(url, participants=1, seconds=3.0)  # rooms and pools warm up
        figures = measure_live(url, participants, seconds)
    figures = {
        "participants": participants,
        "seconds": seconds,
        "encoders": encoders.value,
        "untrained": untrained,
        **figures,
    }
    table = Table(
        "figure", "value", title=f"{participants} participants, {encoders.value} encoders"
    )
    table.add_row("results/s, all", f"{figures['results_per_s']:.2f}")
    table.add_row("results/s, slowest", f"{min(figures['per_participant']):.2f}")
    table.add_row("latency p50, ms", _milliseconds(figures["latency_ms"]["p50"]))
    table.add_row("latency p95, ms", _milliseconds(figures["latency_ms"]["p95"]))
    table.add_row("CPU ms per result", _milliseconds(figures["cpu_ms_per_result"]))
    for name, value in sorted(figures["cpu_seconds"].items(), key=lambda item: -item[1]):
        table.add_row(f"CPU s, {name}", f"{value:.2f}")
    console.print(table)
    if json_file is not None:
        json_file.write_text(json.dumps(figures, indent=2))


def _milliseconds(value: float | None) -> str:
    return "none" if value is None else f"{value:.1f}"
