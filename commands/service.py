"""Starting and stopping the service from a command."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import ray
from ray import serve
from ray.serve.config import ProxyLocation

from actors.process import WITHOUT_PANDAS
from commands.address import ServiceError, address_of, is_up
from commands.cluster import connect
from hoovik.models.bundle import open_bundle
from hoovik.settings import Settings
from serve_app import application

APPLICATION = "hoovik"
READY_TIMEOUT_S = 180.0


def start(settings: Settings) -> str:
    """Start the service and wait until it is ready; returns its address.

    It runs on the cluster that ``RAY_ADDRESS`` names, else on a Ray of its own on this machine.
    """
    if not settings.untrained:
        open_bundle(settings)  # refused here in words, not by three replicas in tracebacks
    connect(metrics_port=settings.telemetry.metrics_port, runtime_env=WITHOUT_PANDAS)
    serve.start(proxy_location=ProxyLocation.Disabled)  # the ingress listens for itself
    try:
        serve.run(application(settings), name=APPLICATION, route_prefix="/")
    except RuntimeError as error:
        raise ServiceError(str(error)) from error
    url = address_of(settings)
    deadline_s = time.monotonic() + READY_TIMEOUT_S
    while not is_up(url):
        if time.monotonic() > deadline_s:
            raise ServiceError(f"{url} was not ready within {READY_TIMEOUT_S:.0f} s")
        time.sleep(0.2)
    return url


def stop() -> None:
    """Stop the service, and with it the Ray that `start` started, rooms included."""
    if "RAY_ADDRESS" in os.environ:
        serve.delete(APPLICATION)
    # A Ray of its own ends with its driver; ending Serve first would only make its last calls fail.
    ray.shutdown()


@contextmanager
def running(settings: Settings) -> Iterator[str]:
    """A service for the length of a block; its address."""
    try:
        yield start(settings)
    finally:
        stop()
