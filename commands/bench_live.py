from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bench.live import WARM_UP_S, measure_live
from bench.load_plan import LoadPlan
from bench.rooms import ROOM_PROCESSES, RoomsPlan, measure_rooms
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


def live(
    participants: Participants = 2,
    rooms: Rooms = 1,
    seconds: Annotated[float, typer.Option(help="Length of the measurement.")] = 20.0,
    warm: Annotated[
        bool,
        typer.Option(
            help="Measure once everybody has had a result; else from 3 s after the first of them "
            "begins to connect, whether or not its room is open by then."
        ),
    ] = False,
    encoders: Encoders = EncoderProfile.EMBEDDED,
    untrained: Annotated[bool, typer.Option(help="Random weights of the same shapes.")] = False,
    json_file: JsonFile = None,
) -> None:
    """Results per second, latency and CPU seconds under a load from another process."""
    plan = LoadPlan(participants, seconds, rooms=rooms, warm=warm, warmup=WARM_UP_S)
    figures = {
        "participants": participants,
        "rooms": rooms,
        "seconds": seconds,
        "warm": warm,
        "encoders": encoders.value,
        "untrained": untrained,
        **measure_live(service_of(encoders, untrained=untrained), plan),
    }
    first, latency = figures["first_result_s"], figures["latency_ms"]
    share = figures["share"]
    table = Table(
        "figure",
        "value",
        title=f"{participants} participants, rooms: {rooms}, {encoders.value} encoders",
    )
    for words, value, digits in (
        ("results/s, all", figures["results_per_s"], 2),
        ("results/s due", figures["due_per_s"], 2),
        ("share of what is due, %", None if share is None else 100 * share, 1),
        ("results/s, slowest", min(figures["per_participant"]), 2),
        ("first result after connecting, p50, s", first["p50"], 2),
        ("first result, p95, s", first["p95"], 2),
        ("first result, worst, s", first["worst"], 2),
        ("participants with a result", first["n"], 0),
        ("latency p50, ms", latency["p50"], 1),
        ("latency p95, ms", latency["p95"], 1),
        ("CPU ms per result", figures["cpu_ms_per_result"], 1),
        ("of it the shell's", figures["shell_ms_per_result"], 1),
        ("telemetry, % of the CPU", 100 * figures["telemetry_share"], 2),
        ("memory (PSS), MB", figures["memory_mb"]["pss"], 0),
    ):
        table.add_row(words, number(value, digits))
    Console().print(table, _by_process(figures))
    write(json_file, figures)


def _by_process(figures: dict[str, Any]) -> Table:
    table = Table("process", "how many", "CPU s", "shell, ms a result", "memory (PSS), MB")
    for name, spent_s in sorted(figures["cpu_seconds"].items(), key=lambda item: -item[1]):
        held, shell = figures["pss_mb"].get(name), figures["shell_ms"].get(name)
        table.add_row(
            name,
            str(figures["processes"].get(name, 1)),
            f"{spent_s:.2f}",
            "-" if shell is None else number(shell, 2),
            "-" if held is None else number(held, 0),
        )
    return table


def rooms(
    opened: Annotated[
        int, typer.Option("--open", min=0, max=500, help="Rooms opened by who streams; 0: none.")
    ] = 100,
    within: Annotated[
        float, typer.Option(min=1, max=60, help="Seconds in which they are opened.")
    ] = 10.0,
    idle: Annotated[
        int, typer.Option(min=0, max=500, help="Rooms open for who sends nothing; 0: none.")
    ] = 200,
    seconds: Annotated[
        float, typer.Option(min=1, max=300, help="For which the idle ones are looked at.")
    ] = 20.0,
    encoders: Encoders = EncoderProfile.EMBEDDED,
    json_file: JsonFile = None,
) -> None:
    """Rooms of one participant: how soon many of them open, and what they take open and idle."""
    figures = measure_rooms(service_of(encoders), RoomsPlan(opened, within, idle, seconds))
    console = Console()
    if figures["opened"]:
        console.print(_opened(figures["opened"], f"{opened} rooms opened within {within:g} s"))
    if figures["idle"]:
        console.print(_idle(figures["idle"], f"{idle} rooms open and idle"))
    write(json_file, figures)


def _opened(report: dict[str, Any], title: str) -> Table:
    first, refused = report["first_result_s"], report["refused_s"]
    table = Table("figure", "value", title=title)
    for words, value, digits in (
        ("admitted, with a result", first["n"], 0),
        ("first result after connecting, p50, s", first["p50"], 2),
        ("first result, p95, s", first["p95"], 2),
        ("first result, worst, s", first["worst"], 2),
        ("refused with AT_CAPACITY", refused["n"], 0),
        ("refusal after connecting, p50, s", refused["p50"], 3),
        ("refusal, worst, s", refused["worst"], 3),
        ("neither", len(report["per_participant"]) - first["n"] - refused["n"], 0),
        ("latency p50, ms", report["latency_ms"]["p50"], 0),
        ("latency p95, ms", report["latency_ms"]["p95"], 0),
    ):
        table.add_row(words, number(value, digits))
    return table


def _idle(figures: dict[str, Any], title: str) -> Table:
    table = Table("figure", "value", title=title)
    table.add_row("rooms admitted", str(figures["rooms"]))
    table.add_row("memory (PSS) a room, MB", number(figures["pss_mb_per_room"], 2))
    table.add_row("CPU, % of one core", number(100 * figures["cpu_share"], 1))
    for name in ROOM_PROCESSES:
        before, after = figures["processes_before"][name], figures["processes"][name]
        memory = (figures[which][name] for which in ("pss_mb_before", "pss_mb"))
        table.add_row(
            f"{name}: processes, MB, CPU s",
            f"{before} to {after}, {' to '.join(number(mb, 0) for mb in memory)}, "
            f"{number(figures['cpu_seconds'][name], 2)}",
        )
    return table
