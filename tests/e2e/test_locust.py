"""The load test, run as an operator would, against what the service tells."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from hoovik.schema.emotion import Profile
from tests.e2e.guests import read_stats

ROOT = Path(__file__).resolve().parents[2]
PARTICIPANTS = 3
REPORT_S = 5.0

pytestmark = [pytest.mark.timeout(120), pytest.mark.slow]


async def test_participants_toggle_and_burst_and_are_counted(service: str, tmp_path: Path) -> None:
    await asyncio.sleep(REPORT_S)  # what earlier guests counted is in
    before = (await read_stats(service)).totals
    command = [
        *(sys.executable, "-m", "locust", "-f", "bench/locustfile.py", "--headless"),
        *("-u", str(PARTICIPANTS), "-r", "3", "-t", "15s", "--host", service),
        *("--toggle-every", "4", "--burst-every", "5", "--burst-seconds", "2"),
        *("--only-summary", "--summary", str(tmp_path / "summary.json")),
    ]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    assert await process.wait() == 0
    told = json.loads((tmp_path / "summary.json").read_text())
    assert told["participants"] == PARTICIPANTS
    assert told["errors"] == {}
    assert told["actions"]["burst"] >= PARTICIPANTS
    assert sum(told["actions"].values()) - told["actions"]["burst"] >= PARTICIPANTS
    assert set(told["latency_ms"]) <= set(Profile)
    assert all(0 < spread["p50"] <= spread["p95"] for spread in told["latency_ms"].values())
    assert told["results"] > 30
    await asyncio.sleep(REPORT_S)
    after = (await read_stats(service)).totals
    # Results that were under way when somebody left were given, and not received.
    assert after.results - before.results == pytest.approx(told["results"], abs=2 * PARTICIPANTS)
