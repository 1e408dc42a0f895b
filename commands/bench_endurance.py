import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bench.burst import measure_burst
from bench.load_plan import LoadPlan
from bench.soak import SoakPlan, measure_soak
from bench.systems import SERVICE_COMMAND, System
from commands.bench_compare import environment_of, number
from commands.profiles import EncoderProfile

Participants = Annotated[int, typer.Option(min=1, help="Who stream at the same time.")]
Encoders = Annotated[
    EncoderProfile, typer.Option(help="reference: wav2vec2 with random weights, and MediaPipe.")
]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the figures here.")]


def burst(
    participants: Participants = 8,
    encoders: Encoders = EncoderProfile.EMBEDDED,
    fps: Annotated[float, typer.Option(help="Frames a second of each camera.")] = 5.0,
    burst_fps: Annotated[float, typer.Option(help="The same in the burst.")] = 30.0,
    burst_seconds: Annotated[float, typer.Option(help="Length of the burst.")] = 20.0,
    around: Annotated[float, typer.Option(help="Seconds measured before it, and after.")] = 15.0,
    warmup: Annotated[float, typer.Option(help="Seconds of load before that.")] = 10.0,
    speaking: Annotated[float, typer.Option(help="Share of the time that each speaks.")] = 0.25,
    heed: Annotated[
        bool, typer.Option(help="Cameras slow down when they are asked to, even in the burst.")
    ] = True,
    json_file: JsonFile = None,
) -> None:
    """All cameras at six times their rate for a while: latency before, during and after."""
    console = Console()
    plan = LoadPlan(
        participants,
        around + burst_seconds + around,
        warmup=warmup,
        fps=fps,
        speaking=speaking,
        burst_fps=burst_fps,
        burst_seconds=burst_seconds,
        burst_after=around,
        heed=heed,
    )
    figures = measure_burst(System("service", SERVICE_COMMAND, environment_of(encoders)), plan)
    table = Table("phase", "frames/s sent", "results/s", "latency p50, ms", "p95, ms")
    for name, one in figures["phases"].items():
        latency = one["latency_ms"]
        table.add_row(
            name,
            number(one["frames_per_s"], 0),
            number(one["results_per_s"], 1),
            number(latency["p50"], 0),
            number(latency["p95"], 0),
        )
    console.print(table)
    console.print(
        f"asked to slow down after {number(figures['slowed_after_s'], 1)} s, back at the usual rate "
        f"{number(figures['eased_after_s'], 1)} s after the end; memory {figures['memory_ratio']:.3f} "
        "times what it was before"
    )
    _write(json_file, figures)


def soak(
    participants: Participants = 6,
    encoders: Encoders = EncoderProfile.EMBEDDED,
    minutes: Annotated[float, typer.Option(help="Length.")] = 10.0,
    action_every: Annotated[
        float, typer.Option(help="Seconds from one mute, camera off or leave of each to its next.")
    ] = 30.0,
    kill_every: Annotated[
        float, typer.Option(help="Seconds from one killed replica or room to the next; 0: none.")
    ] = 60.0,
    seed: Annotated[int, typer.Option(help="Of who does what when.")] = 0,
    json_file: JsonFile = None,
) -> None:
    """A long meeting with joins, leaves, mutes and killed processes: what grows, what gets lost.

    Choose participants for some 80 % of what the machine can do.
    """
    console = Console()
    plan = SoakPlan(participants, 60 * minutes, action_every, kill_every, seed=seed)
    system = System("service", SERVICE_COMMAND, environment_of(encoders))
    figures = measure_soak(system, plan, lambda sample: console.print(_line(sample)))
    results, growth = figures["results"], figures["growth_per_min"]
    table = Table("figure", "value")
    for words, value in (
        ("results counted by clients", results["counted"]),
        ("results told by the service", results["told"]),
        ("results owed for live time", results["owed"]),
        ("latency p50, ms", figures["latency_ms"]["p50"]),
        ("latency p95, ms", figures["latency_ms"]["p95"]),
        ("processes killed", len(figures["kills"])),
        ("rooms left at the end", figures["rooms_left"]),
        ("growth of PSS, MB a minute", growth.get("pss")),
        ("growth of files, a minute", growth.get("files")),
        ("growth of processes, a minute", growth.get("processes")),
        *((f"errors, {code}", count) for code, count in figures["errors"].items()),
    ):
        table.add_row(words, number(value, 1))
    console.print(table)
    _write(json_file, figures)


def _line(sample: dict[str, Any]) -> str:
    return (
        f"{sample['t_s']:.0f} s: {sample['results']} results, p95 {number(sample['p95'], 0)} ms, "
        f"PSS {sample['pss']:.0f} MB, {sample['processes']} processes, {sample['files']} files"
    )


def _write(json_file: Path | None, figures: dict[str, Any]) -> None:
    if json_file is not None:
        json_file.write_text(json.dumps(figures, indent=2))
