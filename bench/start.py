"""What it costs until the service is ready: CPU seconds, processes and memory, by process."""

import time
from collections import Counter
from typing import Any

from bench.ports import free_port
from bench.processes import ProcessTree
from bench.systems import SERVICE_COMMAND, System, running


def measure_start(environment: dict[str, str], settle_s: float) -> dict[str, Any]:
    """Start the service, and once more look at it when its spare replicas are there too.

    CPU seconds say what it costs, whatever else the machine computes; `ready_s` only does on one
    at rest.

    Args:
        environment: settings of the service.
        settle_s: how long after it was ready the second look is.

    Returns:
        `ready_s`, and for `ready` and `settled` each: `processes`, and by name `cpu_s` and `pss_mb`.
    """
    begun_s = time.monotonic()
    with running(System("the service", SERVICE_COMMAND, environment), free_port()) as (_, root):
        tree = ProcessTree(root)
        ready_s = time.monotonic() - begun_s
        ready = _look(tree)
        time.sleep(settle_s)
        return {"ready_s": ready_s, "ready": ready, "settled": _look(tree)}


def _look(tree: ProcessTree) -> dict[str, Any]:
    cpu_s: Counter[str] = tree.cpu_s()
    return {
        "processes": tree.names().total(),
        "cpu_s": dict(cpu_s),
        "pss_mb": dict(tree.memory_by_name_mb()["pss"]),
    }
