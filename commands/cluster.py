import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ray


def connect(*, metrics_port: int | None = None, runtime_env: dict[str, Any] | None = None) -> None:
    """Join the cluster that ``RAY_ADDRESS`` names, else start a Ray of its own on this machine.

    Args:
        metrics_port: where a Ray of its own answers Prometheus; None: Ray picks one.
        runtime_env: of all workers of this driver, in Ray's words.
    """
    for name in ("ray", "ray.serve"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns that its bars are off, which they are because the command has its own.
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    # Ray reads this where it is set, and asks for a token where its default does.
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    options: dict[str, Any] = {
        "log_to_driver": False,
        "logging_level": logging.WARNING,
        "runtime_env": runtime_env,
    }
    if ray.is_initialized():
        return
    if "RAY_ADDRESS" in os.environ:
        ray.init(**options)
        return
    # Shares of CPUs only place the pools; a machine with one core runs them all the same.
    cpus = max(2, os.cpu_count() or 2)
    ray.init(
        "local",
        num_cpus=cpus,
        include_dashboard=False,
        _metrics_export_port=metrics_port,
        **options,
    )


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
