import logging
import os
from typing import Any

import ray


def connect() -> None:
    """Join the cluster that ``RAY_ADDRESS`` names, else start a Ray of its own on this machine."""
    for name in ("ray", "ray.serve", "ray.data"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Ray reads this where it is set, and asks for a token where its default does.
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.WARNING}
    if ray.is_initialized():
        return
    if "RAY_ADDRESS" in os.environ:
        ray.init(**quiet)
        return
    # Shares of CPUs only place the pools; a machine with one core runs them all the same.
    cpus = max(2, os.cpu_count() or 2)
    ray.init("local", num_cpus=cpus, include_dashboard=False, **quiet)
