"""The thread that hands over what a process counts."""

import logging
import time

import pytest

from actors import reporter as module
from actors.reporter import Reporter
from hoovik.settings import TelemetrySettings
from hoovik.telemetry.measures import RESULTS, Kind
from hoovik.telemetry.meter import Meter, Report, RoomReport


class Cluster:
    """Telemetry that takes what it is given."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.take = self

    def remote(self, _source: object, report: Report, *, last: bool) -> str:
        del last
        self.reports.append(report)
        return "ref"


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    made = Cluster()
    monkeypatch.setattr(module, "find_telemetry", lambda _: made)
    monkeypatch.setattr(module.ray, "get", lambda *_, **__: None)
    return made


def test_whatever_fails_is_told_once_and_the_thread_goes_on(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    failing = [True]

    def rooms() -> dict[str, RoomReport]:
        if failing[0]:
            raise KeyError("a room that is no more")
        return {}

    meter = Meter()
    meter.count(RESULTS, by=3)
    with caplog.at_level(logging.WARNING):
        reporter = Reporter(Kind.HOST, "h", meter, TelemetrySettings(report_s=0.02), rooms)
        time.sleep(0.2)
        assert cluster.reports == []
        failing[0] = False
        end_s = time.monotonic() + 5
        while not cluster.reports and time.monotonic() < end_s:
            time.sleep(0.01)
        reporter.wait(5.0)
    assert not reporter._thread.is_alive()
    assert sum("took no report" in record.message for record in caplog.records) == 1
    assert sum(report.counts[RESULTS,] for report in cluster.reports) == 3
    # The time in which nothing could be handed over is part of the first report's span.
    assert cluster.reports[0].span_s >= 0.15
