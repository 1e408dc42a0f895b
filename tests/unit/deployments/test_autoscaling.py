import asyncio
import threading
import time
from collections import deque
from itertools import pairwise, product
from typing import Any

import pytest
from ray.serve.config import AutoscalingConfig, AutoscalingContext
from ray.serve.schema import DeploymentSchema

from deployments.autoscaling import (
    SCALING,
    SPARE_AFTER_S,
    UTILISATION,
    WAITING,
    Load,
    LoadReport,
    PoolPolicy,
    Rule,
)
from deployments.batching import Batcher
from deployments.options import DEFAULTS, options_for
from hoovik.settings import ServeSettings, Settings
from hoovik.telemetry.meter import Meter

RULE = Rule()
IDLE, STEADY, FULL = Load(0, 0.0), Load(0.3, 0.7), Load(2, 1.0)


@pytest.mark.parametrize(
    ("why", "loads", "replicas", "wanted"),
    [
        ("nobody has reported yet", [], 2, 2),
        ("nothing to do, and no fewer than the least", [IDLE], 1, 1),
        ("at the target", [STEADY] * 3, 3, 3),
        ("a little above the target", [Load(0, 0.75)] * 3, 3, 3),
        ("a full replica", [FULL], 1, 2),
        ("four full replicas", [FULL] * 4, 4, 6),
        ("a full one beside idle ones is no shortage", [FULL, IDLE, IDLE], 3, 2),
        ("a deep queue, where utilisation says two", [Load(40, 1.0)], 1, 2),
        ("a deep queue in front of two", [Load(20, 1.0)] * 2, 2, 4),
        ("a deep queue of a replica that is held up", [Load(9, 0.1)], 1, 2),
        ("no more than the most", [Load(40, 1.0)] * 6, 6, 8),
        ("others are starting: no second helping", [FULL], 3, 3),
        ("a third is starting, and the two need it", [Load(0, 0.7)] * 2, 3, 3),
        ("others find no place, and are not needed any more", [IDLE], 3, 2),
        ("two could do it", [Load(0, 0.3)] * 3, 3, 2),
        ("two could do it, but only just", [Load(0, 0.42)] * 3, 3, 3),
        ("two could do it, but requests wait", [Load(1.5, 0.3)] * 3, 3, 3),
        ("nothing to do: one at a time", [IDLE] * 6, 6, 5),
    ],
)
def test_how_many_replicas_are_wanted(
    why: str, loads: list[Load], replicas: int, wanted: int
) -> None:
    assert RULE.wanted(loads, replicas, lowest=1, highest=8) == wanted, why


def test_a_steady_load_settles_and_stays_from_below_and_from_above() -> None:
    for work, start in product((number / 20 for number in range(1, 150)), (1, 20)):
        seen = [start]
        for _ in range(40):
            loads = [Load(0.0, min(1.0, work / seen[-1]))] * seen[-1]
            seen.append(RULE.wanted(loads, seen[-1], lowest=1, highest=20))
        changes = sum(now != then for then, now in pairwise(seen))
        # No number of replicas is left and come back to.
        assert len(set(seen)) == 1 + changes
        assert seen[-1] == seen[-2]
        assert work / seen[-1] <= 1.1 * RULE.target_utilisation + 1e-9


class Simulated:
    """A pool under a load in replicas' worth of work, with Serve's delays, second by second."""

    def __init__(self) -> None:
        self.running = self.target = 1
        self.backlog = 0.0
        self._window: deque[tuple[float, float]] = deque(maxlen=6)
        self._starting: list[int] = []
        self._up_s = self._down_s = 0

    def second(self, work: float, start_s: int = 8) -> None:
        """One second of this load."""
        self._starting = [left - 1 for left in self._starting]
        self.running += self._starting.count(0)
        self._starting = [left for left in self._starting if left > 0]
        # Forty requests are a replica's second; what is not answered waits, up to a bound.
        done = min(self.running, work + self.backlog)
        self.backlog = min(2.0, work + self.backlog - done)
        self._window.append((40 * self.backlog / self.running, done / self.running))
        waiting, share = (
            sum(column) / len(self._window) for column in zip(*self._window, strict=True)
        )
        wanted = RULE.wanted([Load(waiting, share)] * self.running, self.target, 1, 3)
        self._up_s = self._up_s + 1 if wanted > self.target else 0
        self._down_s = self._down_s + 1 if wanted < self.target else 0
        if self._up_s > SCALING["upscale_delay_s"]:
            self._starting += [start_s] * (wanted - self.target)
            self.target, self._up_s = wanted, 0
        elif self._down_s > SCALING["downscale_delay_s"]:
            self.target, self._down_s = wanted, 0
            self.running = min(self.running, self.target)


def test_a_pool_follows_its_load_up_and_down_without_flapping() -> None:
    pool, targets = Simulated(), [1]
    for second, work in enumerate([0.3] * 60 + [1.8] * 300 + [0.3] * 600):
        # Meetings are uneven: every third second brings half as much again.
        pool.second(work * (1.3 if second % 3 == 0 else 0.85))
        if pool.target != targets[-1]:
            targets.append(pool.target)
        if second == 120:
            assert pool.running == 3
    assert targets in ([1, 2, 3, 2, 1], [1, 3, 2, 1])
    assert pool.backlog == 0.0


def context(
    replicas: int, metrics: dict[str, dict[str, float]], target: int | None = None
) -> AutoscalingContext:
    """As Serve's controller makes it."""
    return AutoscalingContext(
        deployment_id=None,
        deployment_name="FaceFeatures",
        app_name="hoovik",
        current_num_replicas=replicas,
        target_num_replicas=replicas if target is None else target,
        running_replicas=[f"replica-{number}" for number in range(replicas)],
        total_num_requests=0,
        total_queued_requests=None,
        aggregated_metrics=metrics,
        raw_metrics=None,
        capacity_adjusted_min_replicas=1,
        capacity_adjusted_max_replicas=8,
        policy_state={},
        last_scale_up_time=None,
        last_scale_down_time=None,
        current_time=None,
        config=None,
    )


def policy_of(options: dict[str, Any]) -> Any:
    """The policy as the controller gets it: pickled, unpickled, made with its arguments."""
    policy = AutoscalingConfig(**options["autoscaling_config"]).policy
    return policy.get_policy()(**policy.policy_kwargs)


def test_serve_runs_the_policy_of_the_options() -> None:
    policy = policy_of(options_for("FaceFeatures", Settings(serve=ServeSettings(max_replicas=8))))
    reports = {
        WAITING: {"replica-0": 0.0, "replica-1": 0.0, "stopped": 90.0},
        UTILISATION: {"replica-0": 1.0, "replica-1": 0.9, "stopped": 1.0},
    }
    assert policy(context(2, reports)) == (3, {})
    assert policy(context(2, {})) == (2, {})


def test_a_spare_replica_is_wanted_once_the_first_has_run_for_a_while() -> None:
    policy_of(options_for("Ensemble", Settings()))  # Serve can make it
    now_s = 100.0
    policy = PoolPolicy(least=2, clock=lambda: now_s)
    assert policy(context(0, {}, target=1)) == (1, {})
    now_s += 2 * SPARE_AFTER_S  # no replica ran: the service is not ready yet
    assert policy(context(1, {})) == (1, {})
    now_s += SPARE_AFTER_S - 1
    assert policy(context(1, {})) == (1, {})
    now_s += 1
    assert policy(context(1, {})) == (2, {})
    # And stays wanted while nothing is to do, and while one of them is being replaced.
    idle = {WAITING: {"replica-0": 0.0}, UTILISATION: {"replica-0": 0.0}}
    assert policy(context(2, idle)) == (2, {})
    assert policy(context(1, idle, target=2)) == (2, {})


def test_a_rule_of_ones_own_is_given_by_name() -> None:
    chosen = {
        "FaceFeatures": {
            "autoscaling_config": {
                "max_replicas": 8,
                "policy": {
                    "policy_function": SCALING["policy"]["policy_function"],
                    "policy_kwargs": {"target_utilisation": 0.3},
                },
            }
        }
    }
    policy = policy_of(
        options_for("FaceFeatures", Settings(serve=ServeSettings(deployments=chosen)))
    )
    reports = {WAITING: {"replica-0": 0.0}, UTILISATION: {"replica-0": 0.6}}
    assert policy(context(1, reports)) == (2, {})


def test_pools_scale_where_it_is_switched_on_and_the_ingress_never_by_itself() -> None:
    chosen = {
        "AudioFeatures": {"num_replicas": 2},
        "FaceFeatures": {"autoscaling_config": {"min_replicas": 2, "downscale_delay_s": 30}},
    }
    settings = Settings(serve=ServeSettings(max_replicas=4, deployments=chosen))
    options = {name: options_for(name, settings) for name in DEFAULTS}
    assert "autoscaling_config" not in options["Ingress"]
    assert "autoscaling_config" not in options["AudioFeatures"]
    assert options["Ensemble"]["autoscaling_config"] == {
        **SCALING,
        "min_replicas": 2,
        "max_replicas": 4,
    }
    assert options["FaceFeatures"]["autoscaling_config"] == {
        **SCALING,
        "min_replicas": 2,
        "max_replicas": 4,
        "downscale_delay_s": 30,
    }
    for name in DEFAULTS:
        default = options_for(name, Settings()).get("autoscaling_config", {})
        assert default.get("max_replicas", 1) <= 2
        DeploymentSchema(
            name=name, **{k: v for k, v in options[name].items() if k != "logging_config"}
        )


def test_a_report_is_of_the_time_since_the_last() -> None:
    times, busy, waiting = iter([10.0, 12.0, 14.0]), iter([0.0, 0.5, 2.5]), iter([3, 0])
    report = LoadReport(lambda: next(waiting), lambda: next(busy), lambda: next(times))
    assert report.take() == {WAITING: 3, UTILISATION: 0.25}
    assert report.take() == {WAITING: 0, UTILISATION: 1.0}


async def test_a_batcher_tells_what_waits_and_how_long_it_computed() -> None:
    go = threading.Event()

    def work(requests: list[int]) -> list[int]:
        go.wait(5)
        return requests

    batcher = Batcher(work, max_batch=2, meter=Meter())
    assert (batcher.waiting, batcher.busy_s) == (0, 0.0)
    asked = [asyncio.create_task(batcher.ask(number)) for number in range(5)]
    begun_s = time.monotonic()
    await asyncio.sleep(0.1)
    assert batcher.waiting == 3
    under_way_s = batcher.busy_s
    assert 0.05 < under_way_s <= time.monotonic() - begun_s + 0.1
    go.set()
    await asyncio.gather(*asked)
    await asyncio.sleep(0)
    done_s = batcher.busy_s
    assert done_s >= under_way_s
    await asyncio.sleep(0.05)
    assert batcher.busy_s == done_s
    assert batcher.waiting == 0
