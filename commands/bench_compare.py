from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bench.compare import compare as compare_systems
from bench.load_plan import LoadPlan
from bench.systems import BASELINE_COMMAND, System
from commands.bench_options import (
    Encoders,
    JsonFile,
    Participants,
    Rooms,
    environment_of,
    number,
    service_of,
    write,
)
from commands.profiles import EncoderProfile

ROWS = (
    ("results/s, all", "results_per_s"),
    ("results/s, slowest participant", "slowest_per_s"),
    ("results that rest on nothing new", "rest_on_nothing_new"),
    ("latency p50, ms", "latency_ms.p50"),
    ("latency p95, ms", "latency_ms.p95"),
    ("CPU ms per result", "cpu_ms_per_result"),
    ("CPU ms per result, load generator", "load_generator_ms_per_result"),
    ("memory, PSS, MB", "memory_mb.pss"),
    ("memory, RSS, MB", "memory_mb.rss"),
)
RATIOS = {
    "results_per_s": "results_per_s",
    "latency_ms.p50": "p50",
    "latency_ms.p95": "p95",
    "cpu_ms_per_result": "cpu_ms_per_result",
    "memory_mb.pss": "pss",
}


def compare(
    participants: Participants = 8,
    rooms: Rooms = 1,
    speaking: Annotated[
        float,
        typer.Option(
            help="Share of the time that each speaks, in turns of 3 s; between them its microphone "
            "sends the noise of a quiet room. In a meeting 0.25 and less; 1: all of the time."
        ),
    ] = 1.0,
    encoders: Encoders = EncoderProfile.REFERENCE,
    seconds: Annotated[float, typer.Option(help="Of each measurement.")] = 30.0,
    warmup: Annotated[float, typer.Option(help="Seconds of the same load before it.")] = 10.0,
    fps: Annotated[float, typer.Option(help="Frames a second of each camera.")] = 5.0,
    rounds: Annotated[int, typer.Option(min=1, help="Baseline and service in turn.")] = 2,
    json_file: JsonFile = None,
) -> None:
    """The service against the thread-pool baseline, in turns, under the same load.

    Ratios are service by baseline. Of results per second more is better; of latency less: a ratio
    of the 95th percentiles of 0.33 means that the service answers in a third of the time.
    """
    console = Console()
    plan = LoadPlan(
        participants, seconds, rooms=rooms, warm=True, warmup=warmup, fps=fps, speaking=speaking
    )
    figures = compare_systems(
        System("baseline", BASELINE_COMMAND, environment_of(encoders)),
        service_of(encoders),
        plan,
        rounds,
        lambda one: console.print(_line(one)),
    )
    table = Table(
        "figure",
        "baseline",
        "service",
        "ratio",
        title=f"{participants} participants, rooms: {rooms}, {encoders.value} encoders, "
        f"speaking {speaking:g}",
    )
    for words, path in ROWS:
        sides = (_at(figures["baseline"], path), _at(figures["service"], path))
        ratio = figures["ratio"][RATIOS[path]] if path in RATIOS else None
        table.add_row(words, *(number(side, 1) for side in sides), number(ratio, 2))
    for code in sorted({*figures["baseline"]["errors"], *figures["service"]["errors"]}):
        counts = (figures[side]["errors"].get(code, 0) for side in ("baseline", "service"))
        table.add_row(f"errors, {code}", *(number(count, 0) for count in counts), "")
    console.print(table)
    machine = figures["machine"]
    console.print(
        f"{machine['processor']}, {machine['cores']} cores, load average before "
        f"{machine['load_average']:.1f}"
    )
    write(json_file, {"encoders": encoders.value, **figures})


def _line(one: dict[str, Any]) -> str:
    latency = one["latency_ms"]
    return (
        f"round {one['round']}, {one['system']}: {one['results_per_s']:.2f} results/s, latency p50 "
        f"{number(latency['p50'], 0)} ms, p95 {number(latency['p95'], 0)} ms, CPU "
        f"{number(one['cpu_ms_per_result'], 0)} ms a result, PSS {one['memory_mb']['pss']:.0f} MB, "
        f"load average before {one['load_average']:.1f}"
    )


def _at(figures: dict[str, Any], path: str) -> float | None:
    value: Any = figures
    for name in path.split("."):
        value = value[name]
    return None if value is None else float(value)
