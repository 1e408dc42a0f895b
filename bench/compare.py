"""The service against the thread-pool baseline, in turns, under the same load."""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from bench.live import measure
from bench.load_plan import LoadPlan
from bench.load_report import percentiles
from bench.machine import describe_machine
from bench.ports import free_port
from bench.systems import System, running

Figures = dict[str, Any]


def compare(
    baseline: System,
    service: System,
    plan: LoadPlan,
    rounds: int,
    on_round: Callable[[Figures], None] = lambda _: None,
) -> Figures:
    """Start, warm up, measure and stop one after the other, as often as there are rounds.

    Args:
        baseline: comes first in each round.
        service: what is held against it.
        plan: the load; its media are the same bytes each time.
        rounds: one or more.
        on_round: told each measurement as it comes.

    Returns:
        `service` and `baseline`, all rounds together; `ratio`, service by baseline, of results a
        second, latencies, CPU and memory; `rounds`, each measurement in order; `load`; `machine`.

    Raises:
        ValueError: less than one round.
        RuntimeError: a system or the load generator failed.
    """
    if rounds < 1:
        raise ValueError(f"at least 1 round is needed, got {rounds}")
    machine = describe_machine()
    measured: list[Figures] = []
    for number in range(1, rounds + 1):
        for system in (baseline, service):
            load_average = os.getloadavg()[0]
            with running(system, free_port()) as (url, root):
                figures = measure(url, plan, root)
            about = {"system": system.name, "round": number, "load_average": load_average}
            measured.append({**about, **figures})
            on_round(measured[-1])
    together = {
        system.name: pooled([one for one in measured if one["system"] == system.name])
        for system in (baseline, service)
    }
    return {
        "service": together[service.name],
        "baseline": together[baseline.name],
        "ratio": ratios(together[service.name], together[baseline.name]),
        "rounds": measured,
        "load": asdict(plan),
        "machine": machine,
    }


def pooled(rounds: Sequence[Figures]) -> Figures:
    """One system's figures over its rounds: results and latencies together, the rest averaged.

    A result that rests on no sample of its own time step, but on earlier ones alone, has no latency;
    `rest_on_nothing_new` counts them.
    """
    results = sum(one["results"] for one in rounds)
    latencies_ms = [ms for one in rounds for ms in one["series"]["latency_ms"]]
    service_s = sum(_service_s(one) for one in rounds)
    return {
        "results": results,
        "results_per_s": _mean(one["results_per_s"] for one in rounds),
        "slowest_per_s": min(min(one["per_participant"]) for one in rounds),
        "latency_ms": percentiles(latencies_ms),
        "rest_on_nothing_new": latencies_ms.count(None),
        "cpu_s": service_s / len(rounds),
        "cpu_ms_per_result": 1000 * service_s / results if results else None,
        "load_generator_ms_per_result": (
            1000 * sum(one["cpu_s"] for one in rounds) / results if results else None
        ),
        "memory_mb": {
            kind: _mean(one["memory_mb"][kind] for one in rounds) for kind in ("rss", "pss")
        },
        "errors": Counter(error["code"] for one in rounds for error in one["errors"]),
    }


def ratios(service: Figures, baseline: Figures) -> dict[str, float | None]:
    """Service by baseline; None where either has no results."""
    return {
        "results_per_s": _ratio(service["results_per_s"], baseline["results_per_s"]),
        "p50": _ratio(service["latency_ms"]["p50"], baseline["latency_ms"]["p50"]),
        "p95": _ratio(service["latency_ms"]["p95"], baseline["latency_ms"]["p95"]),
        "cpu_ms_per_result": _ratio(service["cpu_ms_per_result"], baseline["cpu_ms_per_result"]),
        "pss": _ratio(service["memory_mb"]["pss"], baseline["memory_mb"]["pss"]),
    }


def _service_s(one: Figures) -> float:
    by_process: dict[str, float] = one["cpu_seconds"]
    return sum(by_process.values()) - by_process["load generator"]


def _mean(values: Any) -> float:
    listed = list(values)
    return float(sum(listed) / len(listed))


def _ratio(value: float | None, by: float | None) -> float | None:
    return None if value is None or not by else value / by
