import json
import subprocess
import sys
from collections import Counter
from typing import Any

import httpx
import psutil

from bench.load import BEGUN, OVER
from bench.load_plan import LoadPlan
from bench.ports import free_port
from bench.processes import ProcessTree
from bench.systems import System, running

GENERATOR = "load generator"
WARM_UP_S = 3.0


def measure_live(system: System, plan: LoadPlan) -> dict[str, Any]:
    """Start the service, load it from another process, and stop it.

    Returns:
        `measure`'s figures; ``telemetry_share``: of the machine's CPU, as the service itself tells;
        ``computing_cpu_s_per_s`` of each pool's computing threads, which are those of its encoder or
        model; and ``shell_ms`` by process name, CPU milliseconds a result of all else, of which
        ``shell_ms_per_result`` is the sum. What a library starts beside its computing thread counts
        as shell.
    """
    with running(system, free_port()) as (url, root):
        figures = measure(url, plan, root)
        stats = httpx.get(f"{url}/stats/json").json()
    computing = {name: pool["cpu"] for name, pool in stats["pools"].items()}
    shell_ms = shell_by_process(figures, computing)
    return {
        **figures,
        "telemetry_share": stats["telemetry_cpu"] / (psutil.cpu_count() or 1),
        "computing_cpu_s_per_s": computing,
        "mean_batch": {name: pool["batch"]["mean"] for name, pool in stats["pools"].items()},
        "shell_ms": shell_ms,
        "shell_ms_per_result": sum(shell_ms.values()) if shell_ms else None,
    }


def shell_by_process(figures: dict[str, Any], computing: dict[str, float]) -> dict[str, float]:
    """CPU milliseconds of each result by process name, without what its models compute.

    Args:
        figures: of a load, as `measure` returns them.
        computing: cores that the computing threads of a name's processes took meanwhile.

    Returns:
        Empty where there were no results. The load generator is left out.
    """
    results_per_s = figures["results_per_s"]
    if not results_per_s:
        return {}
    spent_s = Counter(figures["cpu_seconds"])
    del spent_s[GENERATOR]
    each_ms = 1000 / figures["results"]
    return {
        name: each_ms * seconds - 1000 * computing.get(name, 0.0) / results_per_s
        for name, seconds in spent_s.items()
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
        `pss`) at its end, ``memory_mb_before`` at its beginning, ``pss_mb`` and ``processes`` by
        process name.

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
        spent, held_mb, processes = tree.cpu_s(), tree.memory_by_name_mb(), tree.names()
        output = load.stdout.read()
    if load.returncode:
        raise RuntimeError(f"the load generator ended with status {load.returncode}")
    spent.subtract(before)
    report: dict[str, Any] = json.loads(output)
    cpu = {name: round(value, 3) for name, value in spent.items() if value > 0.005}
    results = report["results"]
    return {
        **report,
        "cpu_seconds": {**cpu, GENERATOR: round(report["cpu_s"], 3)},
        "cpu_ms_per_result": 1000 * sum(cpu.values()) / results if results else None,
        "memory_mb": {kind: held.total() for kind, held in held_mb.items()},
        "memory_mb_before": memory_mb_before,
        "pss_mb": held_mb["pss"],
        "processes": processes,
    }


def _expect(load: "subprocess.Popen[str]", mark: str) -> None:
    assert load.stdout is not None
    line = load.stdout.readline().strip()
    if line != mark:
        raise RuntimeError(f"the load generator failed before {mark}")
