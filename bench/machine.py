import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.rounds import available_cores


def describe_machine() -> dict[str, Any]:
    """What figures belong to, and how busy it was with other work: the load of the last minute."""
    return {
        "processor": _processor(),
        "system": platform.platform(),
        "cores": len(available_cores()),
        "load_average": os.getloadavg()[0],
        "python": platform.python_version(),
        "torch": version("torch"),
    }


def _processor() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.is_file():
        for line in listing.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
