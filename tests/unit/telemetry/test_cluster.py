"""Reports of processes with their times, and what an operator is told."""

import pytest

from hoovik.telemetry.cluster import SILENT_S, ClusterTelemetry
from hoovik.telemetry.measures import (
    ANOMALIES,
    BATCH,
    DEPTH,
    DROPS,
    ERRORS,
    LANES,
    LATENCY,
    OWN_CPU,
    PARTICIPANTS,
    QUEUE,
    RESULTS,
    SOCKETS,
    STRAIN,
    WORK,
    WORK_CPU,
    Kind,
    Source,
    Stage,
)
from hoovik.telemetry.meter import Meter, Report

ROOM = Source(Kind.ROOM, "standup", "a")
INGRESS = Source(Kind.INGRESS, "Ingress", "b")
FACES = Source(Kind.POOL, "FaceFeatures", "c")

WINDOW_S = 60


def room_report(*, participants: int = 2, results: int = 6, strain: float = 0.0) -> Report:
    meter = Meter()
    meter.gauge(PARTICIPANTS, value=participants)
    meter.gauge(STRAIN, value=strain)
    meter.count(RESULTS, by=results)
    meter.count(ANOMALIES)
    meter.count(DROPS, "step_shed", by=3)
    for value in (10.0, 20.0, 30.0):
        meter.observe(LATENCY, "both", Stage.CLOCK, value=value)
    return meter.take(span_s=4.0)


def pool_report(*, depth: int = 1) -> Report:
    meter = Meter()
    meter.gauge(DEPTH, value=depth)
    meter.gauge(LANES, value=2)
    for size in (1, 3):
        meter.observe(BATCH, value=size)
        meter.observe(QUEUE, value=5.0)
        meter.observe(WORK, value=300.0)
    meter.count(OWN_CPU, by=2000)
    meter.count(WORK_CPU, by=500_000)
    return meter.take(span_s=4.0)


@pytest.fixture
def cluster() -> ClusterTelemetry:
    return ClusterTelemetry(0.0, WINDOW_S)


def test_processes_add_up(cluster: ClusterTelemetry) -> None:
    for number, name in enumerate(("standup", "retro")):
        cluster.take(Source(Kind.ROOM, name, "x"), room_report(participants=2 + number), 100.0)
    for number in range(2):
        ingress = Meter()
        ingress.gauge(SOCKETS, value=3)
        ingress.count(ERRORS, "BAD_IMAGE")
        cluster.take(Source(Kind.INGRESS, "Ingress", str(number)), ingress.take(), 100.0)
    stats = cluster.stats(100.0)
    assert (stats.rooms, stats.participants, stats.sockets) == (2, 5, 6)
    assert stats.ingress_replicas == 2
    assert stats.totals.results == 12
    assert stats.totals.drops == {"step_shed": 6}
    assert stats.totals.errors == {"BAD_IMAGE": 2}
    assert stats.per_second.results == pytest.approx(12 / 4)
    clock = stats.latency_ms["both"]["clock"]
    assert (clock.n, clock.mean) == (6, 20.0)
    assert stats.latency_ms["all"]["clock"] == clock
    assert stats.latency_ms["audio_only"]["clock"].n == 0
    # The fullest first.
    assert [room.room for room in stats.open_rooms] == ["retro", "standup"]
    assert stats.open_rooms[0].results == 6


def test_strain_is_that_of_the_room_that_has_most(cluster: ClusterTelemetry) -> None:
    assert cluster.stats(100.0).strain == 0
    for name, strain in (("standup", 0.4), ("retro", 0.1)):
        cluster.take(Source(Kind.ROOM, name, "x"), room_report(strain=strain), 100.0)
    stats = cluster.stats(100.0)
    assert stats.strain == 0.4
    assert {room.room: room.strain for room in stats.open_rooms} == {"standup": 0.4, "retro": 0.1}
    cluster.farewell(Source(Kind.ROOM, "standup", "x"))
    assert cluster.stats(100.0).strain == 0.1


def test_a_pool_is_its_replicas(cluster: ClusterTelemetry) -> None:
    cluster.take(FACES, pool_report(depth=1), 59.0)
    cluster.take(Source(Kind.POOL, "FaceFeatures", "d"), pool_report(depth=4), 60.0)
    pool = cluster.stats(60.0).pools["FaceFeatures"]
    assert (pool.replicas, pool.restarts, pool.depth) == (2, 0, 5)
    assert pool.batch.mean == 2.0
    assert pool.queue_ms.n == 4
    # Four batches of 0.3 s in a minute, by two replicas that could compute two at a time.
    assert pool.utilisation == pytest.approx(1.2 / 60 / 4)
    assert pool.cpu == pytest.approx(2 * 0.5 / 4)
    assert cluster.stats(60.0).telemetry_cpu == pytest.approx(2 * 0.002 / 4)


def test_a_rate_is_that_of_the_last_reports(cluster: ClusterTelemetry) -> None:
    for time_s, results in ((100.0, 600), (104.0, 6), (108.1, 6), (112.1, 12)):
        cluster.take(ROOM, room_report(results=results), time_s)
    stats = cluster.stats(113.0)
    assert stats.per_second.results == pytest.approx(24 / 12)
    assert stats.open_rooms[0].results_per_s == pytest.approx(24 / 12)
    assert stats.totals.results == stats.open_rooms[0].results == 624


def test_the_window_forgets_and_totals_do_not(cluster: ClusterTelemetry) -> None:
    cluster.take(ROOM, room_report(), 100.0)
    later = cluster.stats(101.0 + SILENT_S)
    assert later.per_second.results == 0
    assert later.per_second.drops == {}
    assert later.latency_ms["both"]["clock"].n == 3
    assert cluster.stats(100.0 + WINDOW_S + 1).latency_ms["both"]["clock"].n == 0
    assert cluster.stats(500.0).totals.results == 6
    lived = {
        stage: histogram.n
        for profile, stage, histogram in cluster.latency_since_start()
        if profile == "both"
    }
    assert lived[Stage.CLOCK] == 3


def test_who_falls_silent_is_gone_and_was_lost(cluster: ClusterTelemetry) -> None:
    cluster.take(FACES, pool_report(), 100.0)
    cluster.take(INGRESS, Report(gauges={(SOCKETS,): 5}), 100.0)
    cluster.take(ROOM, room_report(), 100.0)
    stats = cluster.stats(100.1 + SILENT_S)
    assert (stats.rooms, stats.participants, stats.sockets) == (0, 0, 0)
    assert stats.ingress_restarts == 1
    pool = stats.pools["FaceFeatures"]
    assert (pool.replicas, pool.restarts, pool.depth) == (0, 1, 0)


def test_who_was_only_slow_was_not_lost(cluster: ClusterTelemetry) -> None:
    cluster.take(FACES, pool_report(), 100.0)
    cluster.stats(101.0 + SILENT_S)
    cluster.take(FACES, pool_report(), 102.0 + SILENT_S)
    pool = cluster.stats(102.0 + SILENT_S).pools["FaceFeatures"]
    assert (pool.replicas, pool.restarts) == (1, 0)


def test_who_says_farewell_was_not_lost(cluster: ClusterTelemetry) -> None:
    for source in (FACES, INGRESS, ROOM):
        cluster.take(source, Report(), 100.0)
        cluster.farewell(source)
    stats = cluster.stats(200.0)
    assert (stats.rooms, stats.ingress_replicas, stats.ingress_restarts) == (0, 0, 0)
    assert stats.pools["FaceFeatures"].restarts == 0


def test_a_room_that_is_begun_anew_takes_the_place_of_the_old_one(
    cluster: ClusterTelemetry,
) -> None:
    cluster.take(ROOM, room_report(participants=2), 100.0)
    cluster.take(Source(Kind.ROOM, "standup", "another"), room_report(participants=1), 101.0)
    (room,) = cluster.stats(101.0).open_rooms
    assert (room.participants, room.restarts, room.results) == (1, 1, 12)


def test_a_report_that_was_not_taken_is_in_the_next(cluster: ClusterTelemetry) -> None:
    meter = Meter()
    meter.count(RESULTS, by=2)
    meter.observe(LATENCY, "both", Stage.QUEUE, value=5.0)
    meter.give_back(meter.take())
    meter.count(RESULTS)
    report = meter.take()
    assert report.counts[RESULTS,] == 3
    assert report.histograms[LATENCY, "both", Stage.QUEUE].n == 1
    assert not meter.take().counts


def test_totals_kept_elsewhere_are_followed() -> None:
    meter = Meter()
    meter.follow(DROPS, {"audio_lost": 2})
    meter.follow(DROPS, {"audio_lost": 5, "face_lost": 0})
    assert meter.take().counts == {(DROPS, "audio_lost"): 5}
    meter.follow(DROPS, {"audio_lost": 6})
    assert meter.take().counts == {(DROPS, "audio_lost"): 1}
