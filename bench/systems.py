import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import httpx
import psutil

READY_TIMEOUT_S = 240.0
END_TIMEOUT_S = 60.0

SHOWN_BYTES = 2000


@dataclass(frozen=True)
class System:
    """Something that answers the service's protocol, started by a command.

    Attributes:
        name: for people.
        command: what starts it; SIGTERM ends it.
        environment: settings, over those of this process.
    """

    name: str
    command: Sequence[str | Path]
    environment: dict[str, str] = field(default_factory=dict)


SERVICE_COMMAND = (Path(sys.executable).with_name("hoovik"), "serve")
BASELINE_COMMAND = (sys.executable, "-m", "bench.threadpool_server")


@contextmanager
def running(system: System, port: int) -> Iterator[tuple[str, psutil.Process]]:
    """A system for the length of a block: its address, once it is ready, and its first process.

    At the end every process that descends from it is gone.

    Raises:
        RuntimeError: it ended, or was not ready in time; with the last of what it wrote.
    """
    url = f"http://127.0.0.1:{port}"
    inherited = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    place = {"HOOVIK_SERVE__HOST": "127.0.0.1", "HOOVIK_SERVE__PORT": str(port)}
    with (
        TemporaryFile() as log,
        subprocess.Popen(
            system.command,
            env={**inherited, **system.environment, **place},
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as first,
    ):
        root = psutil.Process(first.pid)
        try:
            if not _is_ready(url, first):
                raise RuntimeError(
                    f"{system.name} ended or was not ready within {READY_TIMEOUT_S:.0f} s: {_end_of(log)}"
                )
            yield url, root
        finally:
            _end(first, root)


def _is_ready(url: str, first: "subprocess.Popen[bytes]") -> bool:
    deadline_s = time.monotonic() + READY_TIMEOUT_S
    # One client for all questions: each new one loads the certificates of the machine.
    with httpx.Client(timeout=2) as http:
        while first.poll() is None and time.monotonic() < deadline_s:
            with suppress(httpx.HTTPError):
                if http.get(f"{url}/ready").status_code == httpx.codes.OK:
                    return True
            time.sleep(0.2)
    return False


def _end_of(log: IO[bytes]) -> str:
    log.seek(max(0, log.seek(0, os.SEEK_END) - SHOWN_BYTES))
    return log.read().decode(errors="replace").strip()


def _end(first: "subprocess.Popen[bytes]", root: psutil.Process) -> None:
    family = [root, *root.children(recursive=True)] if first.poll() is None else []
    first.terminate()
    try:
        first.wait(END_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        first.kill()
    _, left = psutil.wait_procs(family, timeout=5.0)
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=5.0)
