"""How many replicas a pool needs, from what its replicas report. Serve's controller runs this."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ray.serve.config import AutoscalingContext

WAITING, UTILISATION = "hoovik_waiting", "hoovik_utilisation"
"""What a replica reports, as `record_autoscaling_stats`."""

POLICY = f"{__name__}:PoolPolicy"

SCALING: dict[str, Any] = {
    "policy": {"policy_function": POLICY},
    # Serve's defaults are 10 and 30 s: a pool that is short would be noticed when it is too late.
    "metrics_interval_s": 2.0,
    "look_back_period_s": 6.0,
    "upscale_delay_s": 3.0,
    # A replica costs seconds to start and its models' memory; a lull in a meeting is no reason.
    "downscale_delay_s": 120.0,
}
"""Serve's `autoscaling_config` of a pool, before its bounds and the settings' own."""


SPARE_AFTER_S = 30.0
"""A pool that needs a second replica only in case the first one dies starts it so much later: the
service is ready without it, and on few cores the two would only start more slowly side by side."""


def spare(replicas: int) -> dict[str, Any]:
    """Serve's `autoscaling_config` of a pool that starts with one replica, and soon has so many."""
    return {
        "policy": {"policy_function": POLICY, "policy_kwargs": {"least": replicas}},
        "upscale_delay_s": 0.0,
        "min_replicas": 1,
        "initial_replicas": 1,
        "max_replicas": replicas,
    }


@dataclass(frozen=True)
class Load:
    """What one replica reported over the last seconds.

    Attributes:
        waiting: requests taken in whose batch had not begun, on average.
        utilisation: share of the time in which it computed.
    """

    waiting: float
    utilisation: float


@dataclass(frozen=True)
class Rule:
    """When a pool grows and shrinks.

    It grows once its utilisation is `tolerance` above the target, or `deep_queue` requests wait in
    front of each replica. It shrinks by one replica once the others can do its work as well and
    still stay `margin` below the target, so that a load that made it grow never makes it shrink.

    Attributes:
        target_utilisation: what each replica is to compute of the time; the rest absorbs bursts.
        deep_queue: waiting requests of a replica, on average, that utilisation alone would answer
            too slowly: a full replica's says 1, however much more is asked of it.
        tolerance, margin: shares of the target.
    """

    target_utilisation: float = 0.7
    deep_queue: float = 4.0
    tolerance: float = 0.1
    margin: float = 0.15

    def wanted(self, loads: Sequence[Load], replicas: int, lowest: int, highest: int) -> int:
        """Replicas that a pool should have.

        Args:
            loads: of the replicas that have reported; one that has just started has not.
            replicas: wanted so far, those that are starting included.
            lowest: bound below.
            highest: bound above.

        Returns:
            Within the bounds, at most twice as many as have reported, or one less than so far.
        """
        work = sum(load.utilisation for load in loads)
        waiting = sum(load.waiting for load in loads)
        reported, target = len(loads), self.target_utilisation
        wanted = replicas
        if work > (1 + self.tolerance) * target * reported or waiting > self.deep_queue * reported:
            needed = math.ceil(max(work / target, waiting / self.deep_queue))
            wanted = max(replicas, min(2 * reported, needed))
        elif waiting < reported:
            # Those that run, if one more is still starting, or has no place to start.
            others = min(reported, replicas - 1)
            wanted = replicas - (work < (1 - self.margin) * target * others)
        return max(lowest, min(highest, wanted))


class PoolPolicy:
    """Serve's side of a `Rule`: reads the reports, leaves the delays to Serve.

    Args:
        least: replicas that there are `SPARE_AFTER_S` after the first one runs, whatever the load.
        clock: in seconds.
        rule: fields of a `Rule`, from `policy_kwargs`.
    """

    def __init__(
        self, least: int = 1, clock: Callable[[], float] = time.monotonic, **rule: float
    ) -> None:
        self._least = least
        self._clock = clock
        self._runs_since_s: float | None = None
        self._rule = Rule(**rule)

    def __call__(self, context: AutoscalingContext) -> tuple[int, dict[str, Any]]:
        """Replicas wanted; there is nothing that a controller begun anew would have to know."""
        metrics = context.aggregated_metrics or {}
        waiting, utilisation = metrics.get(WAITING, {}), metrics.get(UTILISATION, {})
        loads = [
            Load(waiting[replica], utilisation[replica])
            for replica in context.running_replicas
            if replica in waiting and replica in utilisation
        ]
        if self._runs_since_s is None and context.running_replicas:
            self._runs_since_s = self._clock()
        settled = self._runs_since_s is not None and (
            self._clock() - self._runs_since_s >= SPARE_AFTER_S
        )
        lowest = max(self._least if settled else 1, context.capacity_adjusted_min_replicas)
        highest = context.capacity_adjusted_max_replicas
        return self._rule.wanted(loads, context.target_num_replicas, lowest, highest), {}


class LoadReport:
    """What a replica reports, each time about the time since the last.

    Args:
        waiting: requests whose batch has not begun.
        busy_s: seconds of computing so far, a batch under way included.
        clock: in seconds.
    """

    def __init__(
        self,
        waiting: Callable[[], int],
        busy_s: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._waiting, self._busy_s, self._clock = waiting, busy_s, clock
        self._last = clock(), busy_s()

    def take(self) -> dict[str, float]:
        """Waiting requests now, and the utilisation since the last report."""
        (then_s, busy_then_s), self._last = self._last, (self._clock(), self._busy_s())
        now_s, busy_now_s = self._last
        share = (busy_now_s - busy_then_s) / max(1e-3, now_s - then_s)
        return {WAITING: self._waiting(), UTILISATION: min(1.0, share)}
