import json
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path
from typing import Annotated

import typer
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from bench.capacity.fleet import FLEETS, Fleets, read_fleets
from bench.capacity.load import Load
from bench.capacity.measured import MEASURED, read_measured
from bench.capacity.plan import Cell, Fleet, fleet_for, largest
from bench.capacity.tally import Target
from commands.profiles import EncoderProfile
from hoovik.errors import ConfigurationError


def capacity(
    participants: Annotated[
        list[int] | None, typer.Option(help="To be held, all cells together; several in turn.")
    ] = None,
    encoders: Annotated[EncoderProfile, typer.Option(help="Encoders.")] = EncoderProfile.EMBEDDED,
    target_p95_ms: Annotated[
        float, typer.Option(help="From the newest sample to its result.")
    ] = 600.0,
    utilisation: Annotated[
        float, typer.Option(min=0.1, max=1, help="Of a cell's cores, at most.")
    ] = 0.8,
    spare: Annotated[
        float, typer.Option(min=0, help="Share of the cells that may be lost; one at least.")
    ] = 0.05,
    cameras: Annotated[
        float, typer.Option(min=0, max=1, help="Share of participants with a camera on.")
    ] = 1.0,
    measured_file: Annotated[
        Path, typer.Option("--measured", exists=True, help="Measured service times, as JSON.")
    ] = MEASURED,
    fleets_file: Annotated[
        Path, typer.Option("--fleets", exists=True, help="VM types, prices and cells, as YAML.")
    ] = FLEETS,
    seconds: Annotated[float, typer.Option(min=2, help="Simulated for each try.")] = 8.0,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures here.")
    ] = None,
) -> None:
    """Nodes and money for a number of participants, from measured service times."""
    console = Console()
    fleets, measured = read_fleets(fleets_file), read_measured(measured_file)
    if encoders.value not in measured.profiles:
        raise ConfigurationError(f"{measured_file} has no profile {encoders.value}")
    load, target = Load(participants=0, cameras=cameras), Target(target_p95_ms, utilisation)
    search = partial(largest, profile=encoders.value, target=target, seconds=seconds, seed=seed)
    # VM types that compute alike are simulated once, whatever they cost.
    found = cache(lambda nodes, device: search(nodes, load, measured, device=device))
    cells = {
        name: found(fleets.hardware(name), fleets.device(name))
        for name in fleets.cells
        if fleets.device(name) in measured.profiles[encoders.value].audio_ms
    }
    console.print(_cells(cells, encoders.value, target))
    for name in fleets.cells:
        if name not in cells:
            console.print(f"{name}: left out, audio_ms has no {fleets.device(name)}")
    plans = {
        name: [
            fleet_for(number, cell, fleets.price_per_hour(name), spare)
            for number in participants or [1000, 100_000]
        ]
        for name, cell in cells.items()
        if cell.holds
    }
    console.print(_fleets(plans, fleets))
    console.print(
        "One cell is simulated, message by message; the fleet is its multiple, and "
        f"{fleets.currency} are those of {fleets_file.name}."
    )
    if json_file is not None:
        report = {
            name: {"cell": asdict(cell), "fleets": [asdict(one) for one in plans.get(name, [])]}
            for name, cell in cells.items()
        }
        json_file.write_text(json.dumps(report, indent=2))


def _cells(cells: dict[str, Cell], encoders: str, target: Target) -> Table:
    table = Table(
        "cell",
        "participants",
        "P50, P95, P99 ms",
        "answered",
        "CPU",
        "GPU",
        "busiest thread",
        "busy cores (arithmetic)",
        box=MARKDOWN,
        title=f"One cell, {encoders} encoders, P95 within {target.p95_ms:.0f} ms",
    )
    for name, cell in cells.items():
        outcome = cell.outcome
        latency = ", ".join(f"{outcome.latency_ms[one]:.0f}" for one in ("p50", "p95", "p99"))
        held = str(cell.load.participants) if cell.holds else "none"
        gpu = "" if outcome.gpu_utilisation is None else f"{outcome.gpu_utilisation:.0%}"
        low, high = cell.arithmetic
        table.add_row(
            name,
            held,
            latency,
            f"{outcome.answered:.1%}",
            f"{outcome.utilisation:.0%}",
            gpu,
            f"{outcome.busiest[0]} {outcome.busiest[1]:.0%}",
            f"{sum(outcome.cores.values()):.1f} ({low:.1f} to {high:.1f})",
        )
    return table


def _fleets(plans: dict[str, list[Fleet]], fleets: Fleets) -> Table:
    hourly = f"{fleets.currency} an hour"
    table = Table(
        "participants",
        "cells of",
        "cells",
        "of them spare",
        "nodes",
        hourly,
        "for each",
        box=MARKDOWN,
    )
    rows = sorted(
        ((fleet, name) for name, several in plans.items() for fleet in several),
        key=lambda row: (row[0].participants, row[0].cost_per_hour),
    )
    for fleet, name in rows:
        table.add_row(
            f"{fleet.participants:,}",
            name,
            f"{fleet.cells:,}",
            f"{fleet.spare:,}",
            f"{fleet.nodes:,}",
            f"{fleet.cost_per_hour:,.2f}",
            f"{fleet.cost_per_hour / fleet.participants:.4f}",
        )
    return table
