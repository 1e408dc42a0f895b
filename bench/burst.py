"""All cameras at a multiple of their rate for a while: what becomes of the results."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from bench.live import measure
from bench.load_plan import LoadPlan
from bench.load_report import percentiles
from bench.ports import free_port
from bench.systems import System, running

SETTLE_S = 2.0
"""After a change of the cameras' rate: what is measured then belongs to neither."""

Figures = dict[str, Any]


def measure_burst(system: System, plan: LoadPlan) -> Figures:
    """Start a system, load it through a burst, and stop it.

    Returns:
        `phases`: `before`, `during` and `after` the burst, each as `phase` says; `slowed_after_s`:
        from the beginning of the burst to the first lower rate that the system suggests, and
        `eased_after_s`: from its end until everybody is asked for as much as before it, both None
        where that does not happen; `memory_ratio`, of the memory (PSS) at the end by that at the
        beginning; `load`, the whole report.
    """
    with running(system, free_port()) as (url, root):
        report = measure(url, plan, root)
    begins_s, ends_s = plan.burst_after, plan.burst_after + plan.burst_seconds
    suggested = [tuple(one) for one in report["series"]["suggested_fps"]]
    return {
        "phases": {
            "before": phase(report, 0.0, begins_s),
            "during": phase(report, begins_s + SETTLE_S, ends_s),
            "after": phase(report, ends_s + SETTLE_S, plan.seconds),
        },
        "slowed_after_s": slowed_after_s(suggested, begins_s, ends_s),
        "eased_after_s": eased_after_s(suggested, begins_s, ends_s),
        "memory_ratio": report["memory_mb"]["pss"] / report["memory_mb_before"]["pss"],
        "load": report,
    }


def phase(report: Figures, begins_s: float, ends_s: float) -> Figures:
    """Results a second, latencies and frames a second of one part of a window.

    Args:
        report: of a load.
        begins_s: of the part, within the window; frames are counted by whole seconds.
        ends_s: of the part.
    """
    series = report["series"]
    times_s = np.array(series["t_s"])
    inside = np.flatnonzero((begins_s <= times_s) & (times_s < ends_s))
    length_s = ends_s - begins_s
    frames = series["frames_by_second"][int(begins_s) : int(ends_s)]
    return {
        "results_per_s": len(inside) / length_s,
        "latency_ms": percentiles([series["latency_ms"][index] for index in inside]),
        "frames_per_s": float(np.mean(frames)) if frames else 0.0,
    }


def slowed_after_s(
    suggested: Sequence[tuple[float, int, float]], begins_s: float, ends_s: float
) -> float | None:
    """From the burst's beginning to the first suggestion below what stood before it.

    Args:
        suggested: (time, participant, frames a second) of each suggestion, in any order.
        begins_s: of the burst.
        ends_s: of the burst.
    """
    standing = _standing(suggested, begins_s)
    falls = [
        at_s
        for at_s, who, fps in suggested
        if begins_s <= at_s < ends_s and fps < standing.get(who, np.inf)
    ]
    return min(falls) - begins_s if falls else None


def eased_after_s(
    suggested: Sequence[tuple[float, int, float]], begins_s: float, ends_s: float
) -> float | None:
    """From the burst's end until everybody who was slowed down is asked for as much as before.

    Args:
        suggested: (time, participant, frames a second) of each suggestion, in any order.
        begins_s: of the burst.
        ends_s: of the burst.
    """
    before, after = _standing(suggested, begins_s), _standing(suggested, ends_s)
    usual = max((fps for *_, fps in suggested), default=0.0)
    waits = []
    for who, fps in after.items():
        wanted = before.get(who, usual)
        if fps >= wanted:
            continue
        times = [
            at_s
            for at_s, one, rate in suggested
            if one == who and at_s >= ends_s and rate >= wanted
        ]
        if not times:
            return None
        waits.append(min(times) - ends_s)
    return max(waits, default=0.0)


def _standing(suggested: Sequence[tuple[float, int, float]], until_s: float) -> dict[int, float]:
    """Each participant's last suggestion before a time."""
    return {who: fps for at_s, who, fps in sorted(suggested) if at_s < until_s}
