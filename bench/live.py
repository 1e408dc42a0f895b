import json
import re
import resource
import subprocess
import sys
from collections import Counter
from typing import Any

import httpx
import psutil

_REPLICA = re.compile(r"ray::ServeReplica:\w+:(\w+)")
_ACTOR = re.compile(r"ray::(\w+)")
_BINARIES = ("gcs_server", "raylet")


def measure_live(url: str, participants: int, seconds: float) -> dict[str, Any]:
    """Load a running service from another process; what came of it, with CPU seconds by process.

    Returns:
        The load generator's report and ``cpu_seconds`` by process name, ``load generator`` among
        them, ``cpu_ms_per_result`` without it, and ``telemetry_share``: of the machine's CPU, as
        the service itself tells.
    """
    before = _cpu_seconds()
    command = [sys.executable, "-m", "bench.load", "--url", url]
    command += ["--participants", str(participants), "--seconds", str(seconds)]
    children_before_s = _children_s()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as load:
        output, _ = load.communicate()
    if load.returncode:
        raise RuntimeError(f"the load generator ended with status {load.returncode}")
    spent = _cpu_seconds()
    spent.subtract(before)
    report: dict[str, Any] = json.loads(output)
    cpu: dict[str, float] = {
        name: round(value, 3) for name, value in spent.items() if value > 0.005
    }
    service = sum(cpu.values())
    per_result = 1000 * service / report["results"] if report["results"] else None
    cpu["load generator"] = round(_children_s() - children_before_s, 3)
    telemetry = httpx.get(f"{url}/stats/json").json()["telemetry_cpu"]
    return {
        **report,
        "cpu_seconds": cpu,
        "cpu_ms_per_result": per_result,
        "telemetry_share": telemetry / (psutil.cpu_count() or 1),
    }


def _children_s() -> float:
    """CPU seconds of this process's children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _cpu_seconds() -> Counter[str]:
    seconds: Counter[str] = Counter()
    for process in psutil.process_iter(["cmdline", "cpu_times", "name"]):
        name = _name(process.info["cmdline"] or [], process.info["name"])
        times = process.info["cpu_times"]
        if name is not None and times is not None:
            seconds[name] += times.user + times.system
    return seconds


def _name(command: list[str], binary: str) -> str | None:
    title = " ".join(command)
    for pattern in (_REPLICA, _ACTOR):
        match = pattern.search(title)
        if match is not None:
            return match[1]
    if binary in _BINARIES:
        return binary
    return "ray agents" if "ray/dashboard" in title or "ray/_private" in title else None
