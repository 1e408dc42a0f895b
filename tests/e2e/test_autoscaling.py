"""A pool of real replicas that grows from one to three under load, and goes back."""

import asyncio
import os
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from ray import serve
from ray.serve.handle import DeploymentHandle

from actors.workers import Answer
from deployments.autoscaling import SCALING
from deployments.options import options_for
from deployments.pools import Replica
from hoovik.settings import ServeSettings, Settings, TelemetrySettings
from tests.e2e.guests import until

APPLICATION = "scaling"
WORK_S = 0.05
"""Of one request, in batches of one."""

PATIENCE_S = 60.0

pytestmark = pytest.mark.timeout(240)


class Sleeper(Replica[int, int]):
    """A pool that takes its time, and no core; it answers who answers."""

    def __init__(self, settings: Settings) -> None:
        def work(requests: list[int]) -> list[int]:
            time.sleep(WORK_S * len(requests))
            return [os.getpid()] * len(requests)

        super().__init__(work, 1, settings)

    async def ask(self, request: int) -> Answer[list[int]]:
        return await self._ask([request], None)


@pytest_asyncio.fixture
async def sleepers(service: str) -> AsyncIterator[DeploymentHandle]:
    """An application of its own, beside the service; its delays are seconds."""
    quick = {
        "max_replicas": 3,
        "metrics_interval_s": 0.5,
        "look_back_period_s": 1.5,
        "upscale_delay_s": 0.5,
        "downscale_delay_s": 3.0,
    }
    chosen = {
        # The options of a pool are asked for under the name of one.
        "FaceFeatures": {"autoscaling_config": quick, "ray_actor_options": {"num_cpus": 0}}
    }
    settings = Settings(
        serve=ServeSettings(deployments=chosen), telemetry=TelemetrySettings(report_s=0)
    )
    options = options_for("FaceFeatures", settings) | {"name": "Sleeper"}
    assert options["autoscaling_config"] == {**SCALING, "min_replicas": 1, **quick}
    application = serve.deployment(**options)(Sleeper).bind(settings)
    handle = await asyncio.to_thread(serve.run, application, name=APPLICATION, route_prefix=None)
    yield handle
    await asyncio.to_thread(serve.delete, APPLICATION)


class Watch:
    """Follows how many replicas run."""

    def __init__(self) -> None:
        self.seen = [1]
        self._begun_s = time.monotonic()

    async def until(self, replicas: int) -> None:
        """Wait for a number of replicas."""
        deadline_s = time.monotonic() + PATIENCE_S
        while self.seen[-1] != replicas:
            assert time.monotonic() < deadline_s, f"{self.seen}, not {replicas} yet"
            await asyncio.sleep(0.1)
            await self.look()

    async def look(self) -> None:
        status = await asyncio.to_thread(serve.status)
        states = status.applications[APPLICATION].deployments["Sleeper"].replica_states
        running = states.get("RUNNING", 0)
        if running != self.seen[-1]:
            self.seen.append(running)
            print(f"{running} replicas after {time.monotonic() - self._begun_s:.1f} s")


async def test_a_pool_grows_under_load_and_shrinks_without(sleepers: DeploymentHandle) -> None:
    watch, workers = Watch(), set[int]()

    async def call(until_over: asyncio.Event, pause_s: float = 0.0) -> None:
        while not until_over.is_set():
            workers.update((await sleepers.ask.remote(0)).value)
            await asyncio.sleep(pause_s)

    # Twelve with at most one request under way each, as participants have; one of them stays.
    busy_over, all_over = asyncio.Event(), asyncio.Event()
    busy = [asyncio.create_task(call(busy_over)) for _ in range(11)]
    quiet = asyncio.create_task(call(all_over, pause_s=0.3))
    await watch.until(3)
    await until(lambda: len(workers) == 3)
    busy_over.set()
    await asyncio.gather(*busy)
    await watch.until(1)
    # It stays so, and whoever asked a replica that went was answered.
    await asyncio.sleep(3)
    await watch.look()
    all_over.set()
    await quiet
    assert len(workers) == 3
    assert watch.seen in ([1, 2, 3, 2, 1], [1, 3, 2, 1])
