from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bench.burst import measure_burst
from bench.load_plan import LoadPlan
from bench.soak import ALL, SoakPlan, measure_soak
from commands.bench_options import (
    Encoders,
    JsonFile,
    Participants,
    Rooms,
    number,
    service_of,
    write,
)
from commands.profiles import EncoderProfile


def burst(
    participants: Participants = 8,
    rooms: Rooms = 1,
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
        rooms=rooms,
        warm=True,
        warmup=warmup,
        fps=fps,
        speaking=speaking,
        burst_fps=burst_fps,
        burst_seconds=burst_seconds,
        burst_after=around,
        heed=heed,
    )
    figures = measure_burst(service_of(encoders), plan)
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
    write(json_file, figures)


def soak(
    participants: Participants = 6,
    rooms: Rooms = 2,
    encoders: Encoders = EncoderProfile.EMBEDDED,
    minutes: Annotated[float, typer.Option(help="Length.")] = 10.0,
    action_every: Annotated[
        float, typer.Option(min=7, help="Seconds from one mute, camera off or leave to the next.")
    ] = 30.0,
    kill_every: Annotated[
        float,
        typer.Option(help="Seconds from one killed replica or room host to the next; 0: none."),
    ] = 60.0,
    seed: Annotated[int, typer.Option(help="Of who does what when.")] = 0,
    json_file: JsonFile = None,
) -> None:
    """A long meeting with joins, leaves, mutes, rooms that come and go, and killed processes.

    Half of those who come again do so in a new room. Choose participants for some 80 % of what the
    machine can do.
    """
    console = Console()
    load = LoadPlan(
        participants,
        60 * minutes,
        rooms=rooms,
        interrupt_every=action_every,
        move=True,
        seed=seed,
    )
    plan = SoakPlan(load, kill_every)
    figures = measure_soak(service_of(encoders), plan, lambda sample: console.print(_line(sample)))
    results, first = figures["results"], figures["first_result_s"]
    table = Table("figure", "value")
    for words, value in (
        ("results counted by attendees", results["counted"]),
        ("results told by the service", results["told"]),
        ("results owed for live time", results["owed"]),
        ("latency p50, ms", figures["latency_ms"]["p50"]),
        ("latency p95, ms", figures["latency_ms"]["p95"]),
        ("first result after a join, p50, s", first["p50"]),
        ("first result after a join, worst, s", first["worst"]),
        ("processes killed", len(figures["kills"])),
        ("rooms left at the end", figures["rooms_left"]),
        *((f"errors, {code}", count) for code, count in figures["errors"].items()),
    ):
        table.add_row(words, number(value, 0 if isinstance(value, int) else 1))
    console.print(table, _growth(figures["growth_per_min"]))
    write(json_file, figures)


def _growth(growth: dict[str, dict[str, float]]) -> Table:
    table = Table(
        "growth a minute, of each process", "processes", "memory (PSS), MB", "files", "threads"
    )
    for name, of in growth.items():
        cells = (number(of[kind], 2) for kind in ("processes", "pss", "files", "threads"))
        table.add_row("all together" if name == ALL else name, *cells)
    return table


def _line(sample: dict[str, Any]) -> str:
    held = sample["held"][ALL]
    return (
        f"{sample['t_s']:.0f} s: {sample['results']} results, p95 {number(sample['p95'], 0)} ms, "
        f"PSS {held['pss']:.0f} MB, {held['processes']:.0f} processes, {held['files']:.0f} files, "
        f"{held['threads']:.0f} threads"
    )
