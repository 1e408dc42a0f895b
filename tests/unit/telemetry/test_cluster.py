"""Reports of processes with their times, and what an operator is told."""

from collections import Counter

import pytest

from hoovik.schema.stats import Stats
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
from hoovik.telemetry.meter import Key, Meter, Report, RoomReport

HOST = Source(Kind.HOST, "host-1", "a")
INGRESS = Source(Kind.INGRESS, "Ingress", "b")
FACES = Source(Kind.POOL, "FaceFeatures", "c")

WINDOW_S = 60
BEGUN_TS = 1.7e9


def room(
    life: str = "first", *, participants: int = 2, results: int = 6, cpu_s: float = 0.0
) -> RoomReport:
    counts: Counter[Key] = Counter(
        {(RESULTS,): results, (ANOMALIES,): 1, (DROPS, "step_shed"): 3, (DROPS, "face_lost"): 0}
    )
    return RoomReport(life, participants, links=1, counts=counts, cpu_s=cpu_s)


def host_report(*, strain: float = 0.0, span_s: float = 4.0, **rooms: RoomReport) -> Report:
    meter = Meter()
    meter.gauge(STRAIN, value=strain)
    meter.count(DROPS, "events_full")
    for value in (10.0, 20.0, 30.0):
        meter.observe(LATENCY, "both", Stage.CLOCK, value=value)
    return meter.take(span_s, rooms)


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


def told(cluster: ClusterTelemetry, now: float) -> Stats:
    return cluster.stats(now, BEGUN_TS + now)


@pytest.fixture
def cluster() -> ClusterTelemetry:
    return ClusterTelemetry(0.0, WINDOW_S, BEGUN_TS)


def test_processes_add_up(cluster: ClusterTelemetry) -> None:
    report = host_report(standup=room(), retro=room(participants=3))
    cluster.take(HOST, report, 100.0)
    cluster.take(Source(Kind.HOST, "host-2", "x"), host_report(solo=room(participants=1)), 100.0)
    for number in range(2):
        ingress = Meter()
        ingress.gauge(SOCKETS, value=3)
        ingress.count(ERRORS, "BAD_IMAGE")
        cluster.take(Source(Kind.INGRESS, "Ingress", str(number)), ingress.take(), 100.0)
    stats = told(cluster, 100.0)
    assert (stats.rooms, stats.hosts, stats.participants, stats.sockets) == (3, 2, 6, 6)
    assert stats.ingress_replicas == 2
    assert stats.totals.results == 18
    # What a host drops for all its rooms, and what each of them does.
    assert stats.totals.drops == {"events_full": 2, "step_shed": 9}
    assert stats.totals.errors == {"BAD_IMAGE": 2}
    assert stats.per_second.results == pytest.approx(18 / 4)
    clock = stats.latency_ms["both"]["clock"]
    assert (clock.n, clock.mean) == (6, 20.0)
    assert stats.latency_ms["all"]["clock"] == clock
    assert stats.latency_ms["audio_only"]["clock"].n == 0
    # The fullest first.
    assert [one.room for one in stats.open_rooms] == ["retro", "standup", "solo"]
    assert stats.open_rooms[0].results == 6
    assert stats.open_rooms[0].drops == {"step_shed": 3}


def test_when_it_is_and_since_when_is_counted_is_told_by_the_wall_clock(
    cluster: ClusterTelemetry,
) -> None:
    stats = cluster.stats(100.0, BEGUN_TS - 3600)
    assert (stats.ts, stats.since_ts) == (BEGUN_TS - 3600, BEGUN_TS)


def test_strain_is_that_of_the_host_that_has_most(cluster: ClusterTelemetry) -> None:
    assert told(cluster, 100.0).strain == 0
    other = Source(Kind.HOST, "host-2", "x")
    cluster.take(HOST, host_report(strain=0.4), 100.0)
    cluster.take(other, host_report(strain=0.1), 100.0)
    assert told(cluster, 100.0).strain == 0.4
    cluster.farewell(HOST)
    assert told(cluster, 100.0).strain == 0.1


def test_a_pool_is_its_replicas(cluster: ClusterTelemetry) -> None:
    cluster.take(FACES, pool_report(depth=1), 59.0)
    cluster.take(Source(Kind.POOL, "FaceFeatures", "d"), pool_report(depth=4), 60.0)
    pool = told(cluster, 60.0).pools["FaceFeatures"]
    assert (pool.replicas, pool.restarts, pool.depth) == (2, 0, 5)
    assert pool.batch.mean == 2.0
    assert pool.queue_ms.n == 4
    # Four batches of 0.3 s in a minute, by two replicas that could compute two at a time.
    assert pool.utilisation == pytest.approx(1.2 / 60 / 4)
    assert pool.cpu == pytest.approx(2 * 0.5 / 4)
    assert told(cluster, 60.0).telemetry_cpu == pytest.approx(2 * 0.002 / 4)


def test_a_rate_is_that_of_the_last_reports(cluster: ClusterTelemetry) -> None:
    for time_s, results in ((100.0, 600), (104.0, 6), (108.1, 6), (112.1, 12)):
        cluster.take(HOST, host_report(standup=room(results=results, cpu_s=0.1)), time_s)
    stats = told(cluster, 113.0)
    (standup,) = stats.open_rooms
    assert stats.per_second.results == standup.results_per_s == pytest.approx(24 / 12)
    assert stats.totals.results == standup.results == 624
    assert standup.cpu == pytest.approx(0.3 / 12)


def test_the_window_forgets_and_totals_do_not(cluster: ClusterTelemetry) -> None:
    cluster.take(HOST, host_report(standup=room()), 100.0)
    later = told(cluster, 101.0 + SILENT_S)
    assert later.per_second.results == 0
    assert later.per_second.drops == {}
    assert later.latency_ms["both"]["clock"].n == 3
    assert told(cluster, 100.0 + WINDOW_S + 1).latency_ms["both"]["clock"].n == 0
    assert told(cluster, 500.0).totals.results == 6
    lived = {
        stage: histogram.n
        for profile, stage, histogram in cluster.latency_since_start()
        if profile == "both"
    }
    assert lived[Stage.CLOCK] == 3


def test_who_falls_silent_is_gone_and_was_lost(cluster: ClusterTelemetry) -> None:
    cluster.take(FACES, pool_report(), 100.0)
    cluster.take(INGRESS, Report(gauges={(SOCKETS,): 5}), 100.0)
    cluster.take(HOST, host_report(standup=room()), 100.0)
    stats = told(cluster, 100.1 + SILENT_S)
    assert (stats.rooms, stats.hosts, stats.participants, stats.sockets) == (0, 0, 0, 0)
    assert (stats.ingress_restarts, stats.host_restarts) == (1, 1)
    pool = stats.pools["FaceFeatures"]
    assert (pool.replicas, pool.restarts, pool.depth) == (0, 1, 0)


def test_who_was_only_slow_was_not_lost(cluster: ClusterTelemetry) -> None:
    cluster.take(FACES, pool_report(), 100.0)
    told(cluster, 101.0 + SILENT_S)
    cluster.take(FACES, pool_report(), 102.0 + SILENT_S)
    pool = told(cluster, 102.0 + SILENT_S).pools["FaceFeatures"]
    assert (pool.replicas, pool.restarts) == (1, 0)


def test_who_says_farewell_was_not_lost(cluster: ClusterTelemetry) -> None:
    for source in (FACES, INGRESS, HOST):
        cluster.take(source, Report(), 100.0)
        cluster.farewell(source)
    stats = told(cluster, 200.0)
    assert (stats.hosts, stats.ingress_replicas) == (0, 0)
    assert (stats.host_restarts, stats.ingress_restarts) == (0, 0)
    assert stats.pools["FaceFeatures"].restarts == 0


def test_a_report_that_was_not_taken_is_in_the_next(cluster: ClusterTelemetry) -> None:
    meter = Meter()
    meter.count(RESULTS, by=2)
    meter.observe(LATENCY, "both", Stage.QUEUE, value=5.0)
    earlier = {"standup": room(participants=5, cpu_s=0.5), "ended": room(results=9)}
    meter.give_back(meter.take(4.0, earlier))
    meter.count(RESULTS)
    report = meter.take(3.0, {"standup": room(participants=1, cpu_s=0.25)})
    # What a room that has ended counted is in the sum.
    assert report.counts[RESULTS,] == 3 + 9
    assert report.histograms[LATENCY, "both", Stage.QUEUE].n == 1
    assert report.span_s == 7.0
    (standup,) = report.rooms.values()
    assert (standup.participants, standup.cpu_s, standup.counts[RESULTS,]) == (1, 0.75, 12)
    empty = meter.take(4.0)
    assert (empty.counts, empty.span_s, empty.rooms) == (Counter(), 4.0, {})


def test_after_an_outage_the_rate_is_the_right_one(cluster: ClusterTelemetry) -> None:
    meter = Meter()
    for _ in range(15):
        meter.count(ERRORS, "BAD_IMAGE", by=2)
        meter.give_back(meter.take(4.0, {"standup": room(results=13)}))
    meter.count(ERRORS, "BAD_IMAGE", by=2)
    cluster.take(HOST, meter.take(4.0, {"standup": room(results=13)}), 64.0)
    stats = told(cluster, 64.0)
    assert stats.per_second.results == pytest.approx(13 / 4)
    assert stats.per_second.errors["BAD_IMAGE"] == pytest.approx(2 / 4)
    assert stats.open_rooms[0].results_per_s == pytest.approx(13 / 4)
    assert stats.totals.results == 16 * 13


def test_totals_kept_elsewhere_are_followed() -> None:
    meter = Meter()
    meter.follow(DROPS, {"audio_lost": 2})
    meter.follow(DROPS, {"audio_lost": 5, "face_lost": 0})
    assert meter.take().counts == {(DROPS, "audio_lost"): 5}
    meter.follow(DROPS, {"audio_lost": 6})
    assert meter.take().counts == {(DROPS, "audio_lost"): 1}
