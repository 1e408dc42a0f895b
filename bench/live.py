import json
import subprocess
import sys
from typing import Any

import httpx
import psutil

from bench.load import BEGUN, OVER
from bench.load_plan import LoadPlan
from bench.processes import ProcessTree

WARM_UP_S = 3.0


def measure_live(url: str, participants: int, seconds: float) -> dict[str, Any]:
    """Load a running service of this process from another process; what came of it.

    Returns:
        `measure`'s figures; ``telemetry_share``: of the machine's CPU, as the service itself tells;
        and ``shell_ms_per_result``: CPU of all that is neither encoders nor models. Those compute in
        one thread of each replica, and what their libraries start beside it counts as shell.
    """
    plan = LoadPlan(participants, seconds, warmup=WARM_UP_S)
    figures = measure(url, plan, psutil.Process())
    stats = httpx.get(f"{url}/stats/json").json()
    computing = {name: pool["cpu"] for name, pool in stats["pools"].items()}
    each_ms = figures["cpu_ms_per_result"]
    computing_ms = 1000 * sum(computing.values()) / max(figures["results_per_s"], 1e-9)
    return {
        **figures,
        "telemetry_share": stats["telemetry_cpu"] / (psutil.cpu_count() or 1),
        "computing_cpu_s_per_s": computing,
        "mean_batch": {name: pool["batch"]["mean"] for name, pool in stats["pools"].items()},
        "shell_ms_per_result": None if each_ms is None else each_ms - computing_ms,
    }


def measure(url: str, plan: LoadPlan, root: psutil.Process) -> dict[str, Any]:
    """Load what runs in a process and its children from another process.

    Args:
        url: where it answers.
        plan: the load.
        root: its first process; the load generator may be a child of it, and is not counted.

    Returns:
        The load generator's report, and of the same window ``cpu_seconds`` by process name,
        ``load generator`` among them, ``cpu_ms_per_result`` without it, and ``memory_mb`` (`rss`,
        `pss`) at its end, ``memory_mb_before`` at its beginning, ``pss_mb`` by process name.

    Raises:
        RuntimeError: the load generator failed.
    """
    command = [sys.executable, "-m", "bench.load", "--url", url, "--marks", *plan.as_arguments()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as load:
        assert load.stdout is not None
        tree = ProcessTree(root, but=psutil.Process(load.pid))
        _expect(load, BEGUN)
        memory_mb_before, before = tree.memory_mb(), tree.cpu_s()
        _expect(load, OVER)
        spent, held_mb = tree.cpu_s(), tree.memory_by_name_mb()
        output = load.stdout.read()
    if load.returncode:
        raise RuntimeError(f"the load generator ended with status {load.returncode}")
    spent.subtract(before)
    report: dict[str, Any] = json.loads(output)
    cpu = {name: round(value, 3) for name, value in spent.items() if value > 0.005}
    results = report["results"]
    return {
        **report,
        "cpu_seconds": {**cpu, "load generator": round(report["cpu_s"], 3)},
        "cpu_ms_per_result": 1000 * sum(cpu.values()) / results if results else None,
        "memory_mb": {kind: held.total() for kind, held in held_mb.items()},
        "memory_mb_before": memory_mb_before,
        "pss_mb": held_mb["pss"],
    }


def _expect(load: "subprocess.Popen[str]", mark: str) -> None:
    assert load.stdout is not None
    line = load.stdout.readline().strip()
    if line != mark:
        raise RuntimeError(f"the load generator failed before {mark}")
