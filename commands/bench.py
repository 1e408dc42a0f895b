import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.live import measure_live
from bench.replays import ReplayFigures, measure_replay
from commands.bench_calls import calls
from commands.bench_capacity import capacity
from commands.bench_compare import compare
from commands.bench_endurance import burst, soak
from commands.bench_models import models
from commands.bench_start import start
from commands.cast import SAMPLE_MEETING
from commands.profiles import EncoderProfile, settings_for

app = typer.Typer(no_args_is_help=True, help="Measure the service.")
for command in (calls, capacity, compare, burst, soak, models, start):
    app.command()(command)


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
    from commands.service import running

    console = Console()
    settings = settings_for(encoders, untrained=untrained)
    with running(settings) as url:
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
    table.add_row("of it the shell's", _milliseconds(figures["shell_ms_per_result"]))
    table.add_row("telemetry, % of the CPU", f"{100 * figures['telemetry_share']:.2f}")
    table.add_row("memory (PSS), MB", f"{figures['memory_mb']['pss']:,.0f}")
    console.print(table, _by_process(figures["cpu_seconds"], figures["pss_mb"]))
    if json_file is not None:
        json_file.write_text(json.dumps(figures, indent=2))


@app.command()
def replay(
    minutes: Annotated[
        list[float] | None, typer.Option(help="Length of the made meeting; several in turn.")
    ] = None,
    nodes: Annotated[
        list[int] | None,
        typer.Option(help="Simulated nodes of one CPU each; 0: this machine as it is."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures here.")
    ] = None,
) -> None:
    """Speed and memory of replays of the sample meeting, over and over, by its two participants."""
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
    if json_file is not None:
        json_file.write_text(json.dumps([asdict(one) for one in figures], indent=2))


@app.command()
def encoders(
    landmarker: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="MediaPipe's face_landmarker.task; none: left out."
        ),
    ] = None,
    wav2vec2: Annotated[bool, typer.Option(help="Time wav2vec2, with random weights.")] = True,
    repetitions: Annotated[
        int, typer.Option(min=1, help="Timed calls of each; of wav2vec2, a quarter.")
    ] = 200,
    untrained: Annotated[
        bool, typer.Option(help="Random weights for the embedded encoders too.")
    ] = False,
    rates: Annotated[
        bool, typer.Option(help="The audio encoders' windows per second by batch and number type.")
    ] = True,
    rate_seconds: Annotated[
        float, typer.Option(min=0, help="For the batches of each of them; three rounds at least.")
    ] = 6.0,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures here.")
    ] = None,
) -> None:
    """Time of each encoder for a frame or a window, on one core; best on a machine at rest."""
    from bench.audio_rates import AudioRate
    from bench.encoders import measure_encoders
    from commands.audio_rates_table import audio_rates_table

    console = Console()
    settings = settings_for(EncoderProfile.EMBEDDED)
    figures = measure_encoders(
        settings.bundle,
        landmarker,
        untrained=untrained,
        wav2vec2=wav2vec2,
        repetitions=repetitions,
        rate_s=rate_seconds if rates else None,
    )
    machine = figures["machine"]
    where = "one core" if machine["pinned"] else "one compute thread, not pinned to a core"
    table = Table(
        "encoder", "batch", "median ms", "p95 ms", "n", "weights", title=f"Encoders, {where}"
    )
    for name, figure in figures["encoders"].items():
        median_ms, p95_ms = f"{figure['median_ms']:.2f}", f"{figure['p95_ms']:.2f}"
        weights = "untrained" if figure["untrained"] else "trained"
        table.add_row(name, str(figure["batch"]), median_ms, p95_ms, str(figure["n"]), weights)
    console.print(table)
    ratios = Table("ratio of medians", "value")
    for name, ratio in figures["ratios"].items():
        ratios.add_row(name, f"{ratio:.1f}")
    console.print(ratios)
    if rates:
        console.print(audio_rates_table([AudioRate(**rate) for rate in figures["audio_rates"]]))
    console.print(
        f"{machine['processor']}, {machine['cores']} cores, load average before "
        f"{machine['load_average']:.1f}, torch {machine['torch']}; milliseconds are per frame or window"
    )
    if landmarker is None:
        console.print("MediaPipe is left out: --landmarker names no face_landmarker.task")
    if not wav2vec2:
        console.print("wav2vec2 is left out, as asked")
    if json_file is not None:
        json_file.write_text(json.dumps(figures, indent=2))


def _milliseconds(value: float | None) -> str:
    return "none" if value is None else f"{value:.1f}"


def _by_process(cpu_seconds: dict[str, float], pss_mb: dict[str, float]) -> Table:
    table = Table("process", "CPU s", "memory (PSS), MB")
    for name, spent_s in sorted(cpu_seconds.items(), key=lambda item: -item[1]):
        held = pss_mb.get(name)
        table.add_row(name, f"{spent_s:.2f}", "-" if held is None else f"{held:,.0f}")
    return table
