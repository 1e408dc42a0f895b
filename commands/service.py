"""Starting and stopping the service from a command."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import ray
from ray import serve

from hoovik.errors import HoovikError
from hoovik.settings import Settings
from serve_app import application

READY_TIMEOUT_S = 180.0


class ServiceError(HoovikError):
    """The service did not come up."""

    code = "SERVICE_DOWN"


def address_of(settings: Settings) -> str:
    """Where the service of these settings answers."""
    return f"http://{settings.serve.host}:{settings.serve.port}"


def is_up(url: str) -> bool:
    """Whether a ready service answers there."""
    try:
        return httpx.get(f"{url}/ready", timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def start(settings: Settings) -> str:
    """Start Ray and the service on this machine, wait until it is ready; returns its address."""
    # Ray reads this where it is set, and asks for a token where its default does.
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    if not ray.is_initialized():
        # Shares of CPUs only place the pools; a machine with one core runs them all the same.
        cpus = max(2, os.cpu_count() or 2)
        ray.init(num_cpus=cpus, include_dashboard=False, log_to_driver=False)
    http = {"host": settings.serve.host, "port": settings.serve.port}
    serve.start(http_options=http)
    serve.run(application(settings), name="hoovik", route_prefix="/")
    url = address_of(settings)
    deadline_s = time.monotonic() + READY_TIMEOUT_S
    while not is_up(url):
        if time.monotonic() > deadline_s:
            raise ServiceError(f"{url} was not ready within {READY_TIMEOUT_S:.0f} s")
        time.sleep(0.2)
    return url


def stop() -> None:
    """Stop the service and Ray, rooms included."""
    serve.shutdown()
    ray.shutdown()


@contextmanager
def running(settings: Settings) -> Iterator[str]:
    """A service for the length of a block; its address."""
    try:
        yield start(settings)
    finally:
        stop()
