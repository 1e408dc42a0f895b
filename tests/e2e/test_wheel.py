"""The service as others install it: a wheel, its dependencies, and no repository."""

import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from bench.ports import free_port
from tests.installed import build_wheel, environment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

START_S = 300


@pytest.fixture
def empty() -> Iterator[Path]:
    """A folder with a short path, because Ray makes the paths of its sockets from it."""
    with tempfile.TemporaryDirectory(prefix="hoovik-", dir="/tmp") as folder:
        yield Path(folder)


def test_a_wheel_serves_from_an_empty_folder(empty: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "environment", ["serve"])
    wheel = build_wheel(tmp_path)
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps",
         "--no-index", "--no-compile", "--disable-pip-version-check", wheel],
        check=True,
        timeout=60,
    )  # fmt: skip
    hoovik, port = python.with_name("hoovik"), str(free_port())
    places = {"PATH": f"{python.parent}:/usr/bin:/bin", "RAY_TMPDIR": str(empty)}
    log = tmp_path / "log"
    with log.open("w") as written:
        service = subprocess.Popen(
            [hoovik, "serve", "--port", port],
            cwd=empty,
            env=places,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_told(log, f"answers at http://127.0.0.1:{port}", service)
        waited = re.findall(r"(?m)^ *\d+ s  (.*)$", log.read_text())
        assert waited[:3] == ["loading Ray and Serve", "starting Ray", "starting Serve"]
        assert "Ensemble" in waited[3]
        assert waited[-1] == f"waiting for http://127.0.0.1:{port}"
        for path in ("ready", "room/standup", "web/hoovik-client.js"):
            with urlopen(f"http://127.0.0.1:{port}/{path}", timeout=10) as answer:
                assert answer.status == 200
        second = subprocess.run(
            [hoovik, "serve", "--port", port], cwd=empty, env=places, capture_output=True,
            text=True, timeout=120, check=False,
        )  # fmt: skip
        assert second.returncode == 1
        assert second.stderr.startswith(f"PORT_TAKEN: http://127.0.0.1:{port} is taken")
        demo = subprocess.run(
            [hoovik, "demo", "--no-serve", "--url", f"http://127.0.0.1:{port}", "--seconds", "5"],
            cwd=empty, env=places, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert demo.returncode == 0, demo.stdout + demo.stderr
    finally:
        service.send_signal(signal.SIGINT)
        service.wait(60)
    assert service.returncode == 0
    assert "Traceback" not in log.read_text()


def _wait_until_told(log: Path, words: str, service: "subprocess.Popen[bytes]") -> None:
    end_s = time.monotonic() + START_S
    while words not in log.read_text():
        assert service.poll() is None, log.read_text()
        assert time.monotonic() < end_s, log.read_text()
        time.sleep(0.5)
