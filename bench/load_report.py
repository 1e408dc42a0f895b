from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from bench.attendee import Told
from hoovik_client.tally import TICK_S


def report(told: Sequence[Told], begun_s: float, seconds: float, cpu_s: float) -> dict[str, Any]:
    """What a load came to: counts, latencies and their course, of one window, JSON-ready.

    Args:
        told: of each participant.
        begun_s: the window's beginning, on the monotonic clock.
        seconds: its length.
        cpu_s: what the load generator itself took in it.

    Returns:
        `results`, `results_per_s`, `due_per_s` (one each tick to everybody who was let in), `share`
        of what is due, `per_participant` (results a second), `latency_ms` and
        `latency_ms_by_profile` (`n`, `p50`, `p95`), `frames` sent, `cpu_s`; of all that was before
        the window too `joined` (how many were let in), `errors`, and `first_result_s` and `refused_s` (`n`, `p50`, `p95`, `worst`)
        from beginning to connect; and for the course of things `series`: `t_s`, `latency_ms`,
        `participant` of each result in order, `suggested_fps` as [t_s, participant, fps],
        `frames_by_second`.
    """
    results = sorted(
        (at_s - begun_s, latency_ms, profile, index)
        for index, one in enumerate(told)
        for at_s, latency_ms, profile in one.results
        if 0 <= at_s - begun_s < seconds
    )
    each = Counter(index for *_, index in results)
    frames = Counter(
        int(at_s - begun_s) for one in told for at_s in one.frames if 0 <= at_s - begun_s < seconds
    )
    profiles = sorted({profile for _, _, profile, _ in results})
    due_per_s = sum(one.refused_s is None for one in told) / TICK_S
    return {
        "results": len(results),
        "results_per_s": len(results) / seconds,
        "due_per_s": due_per_s,
        "share": len(results) / seconds / due_per_s if due_per_s else None,
        "first_result_s": spread([taken_s for one in told for taken_s in one.first_results_s]),
        "refused_s": spread([one.refused_s for one in told]),
        "per_participant": [each[index] / seconds for index in range(len(told))],
        "latency_ms": percentiles([latency_ms for _, latency_ms, _, _ in results]),
        "latency_ms_by_profile": {
            wanted: percentiles([ms for _, ms, profile, _ in results if profile == wanted])
            for wanted in profiles
        },
        "joined": sum(one.joined for one in told),
        "errors": [error for one in told for error in one.tally.errors],
        "frames": frames.total(),
        "cpu_s": cpu_s,
        "series": {
            "t_s": [round(at_s, 3) for at_s, *_ in results],
            "latency_ms": [ms and round(ms, 1) for _, ms, _, _ in results],
            "participant": [index for *_, index in results],
            "suggested_fps": [
                [round(at_s - begun_s, 3), index, fps]
                for index, one in enumerate(told)
                for at_s, fps in one.suggestions
            ],
            "frames_by_second": [frames[second] for second in range(int(np.ceil(seconds)))],
        },
    }


def percentiles(values: Sequence[float | None]) -> dict[str, float | int | None]:
    """`n` values that are known, and their `p50` and `p95`; None where there is none."""
    known = [value for value in values if value is not None]
    p50, p95 = np.percentile(known, [50, 95]).tolist() if known else (None, None)
    return {"n": len(known), "p50": p50, "p95": p95}


def spread(values: Sequence[float | None]) -> dict[str, float | int | None]:
    """The same, and the `worst`, which is the largest."""
    worst = max((value for value in values if value is not None), default=None)
    return {**percentiles(values), "worst": worst}
