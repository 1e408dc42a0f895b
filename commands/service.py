"""Starting and stopping the service from a command."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import ray
from ray import serve
from ray.serve.api import RunTarget
from ray.serve.config import ProxyLocation
from ray.serve.schema import ApplicationStatus

from actors.process import WITHOUT_PANDAS
from commands.address import ServiceError, is_up
from commands.cluster import connect
from commands.waiting import Tell, in_silence
from deployments.ingress.port import refuse_taken, url_of
from hoovik.models.bundle import open_bundle
from hoovik.settings import Settings
from serve_app import application

APPLICATION = "hoovik"
READY_TIMEOUT_S = 180.0
POLL_S = 0.2

RAISED = re.compile(r"(?m)^(?:\w+\.)*(\w+: )")
"""Where a traceback says what was raised, without the module."""


def start(settings: Settings, tell: Tell = in_silence) -> str:
    """Start the service and wait until it is ready; returns its address.

    It runs on the cluster that ``RAY_ADDRESS`` names, else on a Ray of its own on this machine.

    Args:
        settings: of the service.
        tell: is told what is waited for.

    Raises:
        HoovikError: it cannot start, and why: its bundle is unusable, its port is taken, Ray does
            not come up, or a pool does not.
    """
    if not settings.untrained:
        open_bundle(settings)  # refused here in words, not by three replicas in tracebacks
    if "RAY_ADDRESS" not in os.environ:  # on a cluster it may be this service that is there
        refuse_taken(settings.serve)
    connect(metrics_port=settings.telemetry.metrics_port, runtime_env=WITHOUT_PANDAS, tell=tell)
    tell("starting Serve")
    serve.start(proxy_location=ProxyLocation.Disabled)  # the ingress listens for itself
    serve.run_many(
        [RunTarget(application(settings), APPLICATION)], wait_for_applications_running=False
    )
    _wait_for_pools(tell)
    url = url_of(settings.serve)
    tell(f"waiting for {url}")
    deadline_s = time.monotonic() + READY_TIMEOUT_S
    while not is_up(url):
        if time.monotonic() > deadline_s:
            raise ServiceError(f"{url} was not ready within {READY_TIMEOUT_S:.0f} s")
        time.sleep(POLL_S)
    return url


def _wait_for_pools(tell: Tell) -> None:
    while True:
        now = serve.status().applications[APPLICATION]
        if now.status is ApplicationStatus.RUNNING:
            return
        if now.status is ApplicationStatus.DEPLOY_FAILED:
            reasons = [
                f"{name} does not start: {failure(pool.message)}"
                for name, pool in now.deployments.items()
                if pool.status == "DEPLOY_FAILED"
            ]
            raise ServiceError(" ".join(reasons) or now.message)
        missing = [name for name, pool in now.deployments.items() if pool.status != "HEALTHY"]
        tell(f"starting {', '.join(missing) or 'the pools'}")
        time.sleep(POLL_S)


def failure(said: str) -> str:
    """What a replica's constructor raised, out of the traceback that Serve tells."""
    raised = list(RAISED.finditer(said))
    return (said[raised[-1].start(1) :] if raised else said).strip()


def stop() -> None:
    """Stop the service, and with it the Ray that `start` started, rooms included."""
    if not ray.is_initialized():
        return
    if "RAY_ADDRESS" in os.environ:
        serve.delete(APPLICATION)
    # A Ray of its own ends with its driver; ending Serve first would only make its last calls fail.
    ray.shutdown()


@contextmanager
def running(settings: Settings, tell: Tell = in_silence) -> Iterator[str]:
    """A service for the length of a block; its address."""
    try:
        yield start(settings, tell)
    finally:
        stop()
