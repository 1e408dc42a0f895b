from dataclasses import asdict
from typing import Annotated

import ray
import typer
from rich.console import Console
from rich.table import Table

from commands.bench_options import JsonFile, write
from commands.cluster import connect


def calls(
    count: Annotated[int, typer.Option("--calls", min=1, help="Calls by each way.")] = 400,
    json_file: JsonFile = None,
) -> None:
    """CPU and time of one call between processes, by Serve, by Ray's actors and by a bare socket."""
    import serve_app  # noqa: F401  (its switches of Ray are those of the service)
    from bench.calls import measure_calls

    connect()
    costs = measure_calls(count)
    ray.shutdown()
    table = Table("way", "caller, CPU ms", "callee, CPU ms", "time p50, ms")
    for cost in costs:
        table.add_row(
            cost.way, f"{cost.caller_ms:.2f}", f"{cost.callee_ms:.2f}", f"{cost.p50_ms:.2f}"
        )
    Console().print(table)
    write(json_file, [asdict(cost) for cost in costs])
