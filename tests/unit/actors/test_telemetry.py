"""Telemetry's two ends, the actor and the thread that reports to it, without Ray."""

import asyncio
import logging
import time

import pytest

from actors import reporter, telemetry
from actors.reporter import Reporter
from actors.telemetry import TelemetryActor
from hoovik.settings import TelemetrySettings
from hoovik.telemetry.measures import RESULTS, Kind, Source
from hoovik.telemetry.meter import Meter, Report, RoomReport

FACES = Source(Kind.POOL, "FaceFeatures", "a")


@pytest.fixture
def actor(monkeypatch: pytest.MonkeyPatch) -> TelemetryActor:
    # Logs belong to the process, here the tests'.
    monkeypatch.setattr(telemetry, "set_up_logs", lambda _settings: None)
    return TelemetryActor(TelemetrySettings())


@pytest.mark.parametrize("step_s", [-3600.0, 60.0])
async def test_a_wall_clock_that_is_set_changes_nothing_but_what_it_says(
    actor: TelemetryActor, monkeypatch: pytest.MonkeyPatch, step_s: float
) -> None:
    meter = Meter()
    meter.count(RESULTS, by=8)
    await actor.take(FACES, meter.take(4.0))
    before = await actor.stats()
    wall_s = time.time
    monkeypatch.setattr(time, "time", lambda: wall_s() + step_s)
    monkeypatch.setattr(telemetry, "FRESH_S", -1.0)
    after = await actor.stats()
    assert after is not before
    assert after.ts == pytest.approx(before.ts + step_s, abs=10)
    assert after.since_ts == before.since_ts
    assert after.per_second.results == before.per_second.results == 2
    pool = after.pools["FaceFeatures"]
    assert (pool.replicas, pool.restarts) == (1, 0)
    actor._supervisor.close()


async def test_exporting_that_is_killed_begins_anew(actor: TelemetryActor) -> None:
    await actor.take(FACES, Report())
    await asyncio.sleep(0)
    (killed,) = actor._supervisor.tasks.values()
    killed.cancel()
    async with asyncio.timeout(5):
        while (now := actor._supervisor.tasks.get("export")) is None or now is killed:
            await asyncio.sleep(0.01)
    actor._supervisor.close()


def test_a_reporter_that_finds_nobody_goes_on_and_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries = 0

    def find(_settings: TelemetrySettings) -> None:
        nonlocal tries
        tries += 1
        # What Ray raises for an actor that is not there, which is no RayError.
        raise ValueError("Failed to look up actor")

    monkeypatch.setattr(reporter, "find_telemetry", find)
    meter, asked = Meter(), 0

    def rooms() -> dict[str, RoomReport]:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise KeyError("standup")
        return {"standup": RoomReport("first", cpu_s=1.0)}

    meter.count(RESULTS, by=5)
    begun_s = time.monotonic()
    settings = TelemetrySettings(report_s=0.001)
    with caplog.at_level(logging.WARNING):
        reporting = Reporter(Kind.HOST, "host-1", meter, settings, rooms)
        while tries < 5:
            time.sleep(0.001)
        reporting.wait(10)
    assert tries >= 5
    told = [one for one in caplog.records if one.message == "telemetry took no report"]
    # Two kinds of fault, of which the first came back.
    assert [one.exc_info[0] for one in told if one.exc_info] == [ValueError, KeyError, ValueError]
    report = meter.take(0.0, {"standup": RoomReport("first")})
    assert report.counts[RESULTS,] == 5
    assert report.rooms["standup"].cpu_s == asked - 1
    assert 0 < report.span_s <= time.monotonic() - begun_s
