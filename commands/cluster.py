import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import ray

from commands.waiting import Tell, in_silence
from hoovik.errors import HoovikError


class RayError(HoovikError):
    """Ray did not come up on this machine."""

    code = "RAY_DOWN"


def connect(
    *,
    metrics_port: int | None = None,
    runtime_env: dict[str, Any] | None = None,
    tell: Tell = in_silence,
) -> None:
    """Join the cluster that ``RAY_ADDRESS`` names, else start a Ray of its own on this machine.

    Args:
        metrics_port: where a Ray of its own answers Prometheus; None: Ray picks one.
        runtime_env: of all workers of this driver, in Ray's words.
        tell: is told what is waited for.

    Raises:
        RayError: Ray does not start, or the cluster does not answer.
    """
    for name in ("ray", "ray.serve"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns that its bars are off, which they are because the command has its own.
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    # Ray reads this where it is set, and asks for a token where its default does.
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    if ray.is_initialized():
        return
    options: dict[str, Any] = {
        "log_to_driver": False,
        "logging_level": logging.WARNING,
        "runtime_env": runtime_env,
    }
    if "RAY_ADDRESS" in os.environ:
        tell(f"joining the cluster at {os.environ['RAY_ADDRESS']}")
        _begin(options)
        return
    # Shares of CPUs only place the pools; a machine with one core runs them all the same.
    options |= {
        "address": "local",
        "num_cpus": max(2, os.cpu_count() or 2),
        "include_dashboard": False,
        "_metrics_export_port": metrics_port,
    }
    tell("starting Ray")
    try:
        _begin(options)
    except RayError as error:
        # Ray gives its processes 30 s, which are too few where others have the cores.
        tell(f"{error.message}; trying once more")
        _begin(options)


def _begin(options: dict[str, Any]) -> None:
    this = psutil.Process()
    before = set(this.children())
    try:
        ray.init(**options)
    except Exception as error:  # Ray raises no class of its own
        # Ray would leave what it has started to the end of this process.
        for child in set(this.children()) - before:
            child.kill()
            child.wait()
        reason = str(error).partition(". ")[0]
        raise RayError(f"Ray does not come up: {reason}") from error


@contextmanager
def core_unheard() -> Iterator[None]:
    """Keep what Ray's C++ core says from the terminal; its log files have it too.

    It calls it an error, for one, that Ray Data can restart a player, and draws that over the bar.
    """
    own = sys.__stderr__
    if own is None or sys.stderr is not own:
        yield
        return
    core, terminal = own.fileno(), os.dup(own.fileno())
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), core)
    sys.stderr = os.fdopen(terminal, "w", buffering=1, closefd=False)
    try:
        yield
    finally:
        sys.stderr = own
        os.dup2(terminal, core)
        os.close(terminal)
