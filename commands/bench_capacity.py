from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from bench.capacity import (
    FLEETS,
    Fleet,
    Fleets,
    Load,
    Usage,
    fleet_for,
    fullest,
)
from bench.costs import HOST, MEASURED, Measured, renew
from bench.machine import describe_machine
from commands.bench_options import JsonFile, write
from commands.profiles import EncoderProfile
from hoovik.errors import ConfigurationError


def capacity(
    participants: Annotated[
        list[int] | None, typer.Option(help="To be held, all cells together; several in turn.")
    ] = None,
    encoders: Annotated[EncoderProfile, typer.Option(help="Encoders.")] = EncoderProfile.EMBEDDED,
    utilisation: Annotated[
        float, typer.Option(min=0.1, max=1, help="Of a cell's cores, at most.")
    ] = 0.8,
    spare: Annotated[
        float, typer.Option(min=0, help="Share of the cells that may be lost; one at least.")
    ] = 0.05,
    speaking: Annotated[
        float, typer.Option(min=0, max=1, help="Share of participants who speak, on average.")
    ] = 0.2,
    cameras: Annotated[
        float, typer.Option(min=0, max=1, help="Share of participants with a camera on.")
    ] = 1.0,
    per_host: Annotated[int, typer.Option(min=1, help="Participants of one room host.")] = 64,
    measured_file: Annotated[
        Path, typer.Option("--measured", help="Measured CPU times, as JSON.")
    ] = MEASURED,
    fleets_file: Annotated[
        Path, typer.Option("--fleets", exists=True, help="VM types, prices and cells, as YAML.")
    ] = FLEETS,
    reports: Annotated[
        list[Path] | None,
        typer.Option(
            "--renew",
            exists=True,
            help="Reports of `hoovik bench live --json`, measured here with few and with many "
            "participants: renew the measured CPU times by them first.",
        ),
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """Machines and money for a number of participants, from measured CPU times."""
    console, fleets = Console(), Fleets.read(fleets_file)
    if reports:
        machine = describe_machine()
        on = f"{machine['cores']} cores of {machine['processor']}, torch {machine['torch']}"
        measured = renew(measured_file, reports, f"{on}; the load generator on the same cores")
    else:
        measured = Measured.read(measured_file)
    if encoders.value not in measured.profiles:
        raise ConfigurationError(f"{measured_file} has no profile {encoders.value}")
    costs, load = measured.profiles[encoders.value], Load(0, speaking, cameras, per_host)
    cells = {
        name: fullest(fleets.vm_types[cell.vm], cell.machines, load, costs, utilisation)
        for name, cell in fleets.cells.items()
    }
    console.print(_cells(cells, encoders.value))
    plans = {
        name: [
            fleet_for(
                number,
                cell.load.participants,
                fleets.cells[name].machines,
                fleets.price_per_hour(name),
                spare,
            )
            for number in participants or [1000, 100_000]
        ]
        for name, cell in cells.items()
        if cell.load.participants
    }
    console.print(_fleets(plans, fleets))
    console.print(f"Measured on {costs.on}. {costs.note}")
    console.print(f"{fleets.currency} are those of {fleets_file.name}.")
    write(
        json_file,
        {
            name: {
                **asdict(cell),
                "bottleneck": cell.bottleneck,
                "fleets": [asdict(one) for one in plans.get(name, [])],
            }
            for name, cell in cells.items()
        },
    )


def _cells(cells: dict[str, Usage], encoders: str) -> Table:
    table = Table(
        "busy cores of a full cell", *cells, box=MARKDOWN, title=f"One cell, {encoders} encoders"
    )
    parts = next(iter(cells.values())).cores if cells else {}
    for part in parts:
        table.add_row(
            part,
            *(
                f"{cell.cores[part]:.1f}"
                + (f" in {cell.processes[part]}" if part in cell.processes else "")
                for cell in cells.values()
            ),
        )
    table.add_row("bottleneck", *(cell.bottleneck for cell in cells.values()))
    table.add_row("participants", *(str(cell.load.participants) for cell in cells.values()))
    table.add_row(f"of them for each {HOST}", *(str(cell.load.per_host) for cell in cells.values()))
    return table


def _fleets(plans: dict[str, list[Fleet]], fleets: Fleets) -> Table:
    hourly = f"{fleets.currency} an hour"
    columns = ("participants", "cells of", "cells", "of them spare", "machines", hourly, "for each")
    table = Table(*columns, box=MARKDOWN)
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
            f"{fleet.machines:,}",
            f"{fleet.cost_per_hour:,.2f}",
            f"{fleet.cost_per_hour / fleet.participants:.4f}",
        )
    return table
