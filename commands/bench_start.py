import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.start import measure_start

SETTLE_S = 45.0
"""The spare replicas come half a minute after the first."""


def start(
    settle: Annotated[
        float, typer.Option(help="Seconds after that to look again, spare replicas included.")
    ] = SETTLE_S,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures here.")
    ] = None,
) -> None:
    """CPU seconds, processes and memory of the service when it is ready, by process."""
    figures = measure_start({}, settle)
    ready, settled = figures["ready"], figures["settled"]
    table = Table("process", "CPU s to ready", f"{settle:.0f} s later", "memory (PSS), MB")
    for name, spent_s in sorted(settled["cpu_s"].items(), key=lambda item: -item[1]):
        held_mb = settled["pss_mb"].get(name, 0.0)
        table.add_row(
            name, f"{ready['cpu_s'].get(name, 0.0):.1f}", f"{spent_s:.1f}", f"{held_mb:,.0f}"
        )
    table.add_section()
    sums = [sum(look["cpu_s"].values()) for look in (ready, settled)]
    table.add_row(
        "all", *(f"{spent_s:.1f}" for spent_s in sums), f"{sum(settled['pss_mb'].values()):,.0f}"
    )
    table.add_row("processes", str(ready["processes"]), str(settled["processes"]), "")
    Console().print(table, f"ready after {figures['ready_s']:.1f} s", sep="\n")
    if json_file is not None:
        json_file.write_text(json.dumps(figures, indent=2))
