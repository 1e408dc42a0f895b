"""One Ray session and one service for all end-to-end tests: two ingress replicas, two of each pool."""

import threading
from collections.abc import Iterator

import pytest

from bench.ports import free_port
from commands.service import running
from deployments.options import DEFAULTS
from hoovik.settings import (
    RoomSettings,
    ServeSettings,
    SessionSettings,
    Settings,
    TelemetrySettings,
)
from tests.e2e.collector import Collector
from tests.e2e.guests import Stage


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Takes in the service's traces."""
    with Collector() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="session")
def settings(collector: Collector) -> Settings:
    return Settings(
        # What was learned depends on all that was heard before; answers are compared by what they rest on.
        session=SessionSettings(baseline=False),
        room=RoomSettings(idle_s=3.0),
        serve=ServeSettings(
            port=free_port(),
            deployments={name: {"num_replicas": 2} for name in DEFAULTS},
            max_strain=1.0,  # a machine that is short of CPU for a moment refuses nobody
        ),
        telemetry=TelemetrySettings(
            metrics_port=free_port(),
            window_s=30,
            traces_url=f"http://127.0.0.1:{collector.server_port}/v1/traces",
            traced_share=0.2,
        ),
    )


@pytest.fixture(scope="session")
def service(settings: Settings) -> Iterator[str]:
    with running(settings) as url:
        yield url


@pytest.fixture
def stage(service: str, request: pytest.FixtureRequest) -> Stage:
    """A room of this test's own."""
    return Stage(service, f"room-{request.node.name}"[:100])
