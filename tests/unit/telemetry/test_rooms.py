"""What becomes of a room as one host reports it, and another, and none."""

from collections import Counter

import pytest

from hoovik.schema.stats import RoomCounts
from hoovik.telemetry.cluster import SILENT_S, ClusterTelemetry
from hoovik.telemetry.measures import RESULTS, Kind, Source
from hoovik.telemetry.meter import Report, RoomReport
from hoovik.telemetry.rooms import HANDED_OVER_S

ONE, OTHER = (Source(Kind.HOST, name, "a") for name in ("host-1", "host-2"))


def with_room(life: str | None) -> Report:
    """Of a host whose room of this life has two participants and gave six results; None: no room."""
    if life is None:
        return Report()
    return Report(rooms={"standup": RoomReport(life, 2, 1, Counter({(RESULTS,): 6}), 0.0)})


@pytest.fixture
def cluster() -> ClusterTelemetry:
    return ClusterTelemetry(0.0, 60, 0.0)


def rooms(cluster: ClusterTelemetry, now: float) -> list[RoomCounts]:
    stats = cluster.stats(now, 0.0)
    assert stats.rooms == len(stats.open_rooms)
    assert stats.participants == 2 * stats.rooms
    return stats.open_rooms


def test_a_room_that_is_begun_anew_counts_a_restart_and_keeps_its_sum(
    cluster: ClusterTelemetry,
) -> None:
    for now, life in ((100.0, "first"), (104.0, "second"), (108.0, "second")):
        cluster.take(ONE, with_room(life), now)
    (room,) = rooms(cluster, 108.0)
    assert (room.restarts, room.results) == (1, 18)


def test_a_room_that_is_handed_over_keeps_its_life_and_counts_none(
    cluster: ClusterTelemetry,
) -> None:
    cluster.take(ONE, with_room("first"), 100.0)
    cluster.take(OTHER, with_room("first"), 101.0)
    # The first host has not noticed when the second one tells of it, or has before it does.
    cluster.take(ONE, with_room(None), 104.0)
    cluster.take(OTHER, with_room(None), 105.0)
    assert rooms(cluster, 105.0) == []
    cluster.take(ONE, with_room("first"), 105.0 + HANDED_OVER_S - 1)
    (room,) = rooms(cluster, 105.0 + HANDED_OVER_S - 1)
    assert (room.restarts, room.results) == (0, 18)


@pytest.mark.parametrize("pause_s", [1.0, HANDED_OVER_S + 1])
def test_a_room_that_has_ended_begins_with_nothing(
    cluster: ClusterTelemetry, pause_s: float
) -> None:
    cluster.take(ONE, with_room("first"), 100.0)
    cluster.take(ONE, with_room(None), 104.0)
    assert rooms(cluster, 104.0) == []
    cluster.take(ONE, with_room(None), 104.0 + pause_s)
    cluster.take(OTHER, with_room("second"), 104.0 + pause_s)
    (room,) = rooms(cluster, 104.0 + pause_s)
    assert (room.restarts, room.results) == (0, 6)


def test_with_its_host_a_room_is_lost_and_begun_anew(cluster: ClusterTelemetry) -> None:
    cluster.take(ONE, with_room("first"), 100.0)
    cluster.take(OTHER, with_room(None), 100.0)
    cluster.take(OTHER, with_room("second"), 103.0)
    (room,) = rooms(cluster, 103.0)
    assert (room.restarts, room.results) == (1, 12)
    # The first host is known to be gone only now; the room is not.
    cluster.take(OTHER, with_room("second"), 101.0 + SILENT_S)
    stats = cluster.stats(101.0 + SILENT_S, 0.0)
    assert (stats.rooms, stats.hosts, stats.host_restarts) == (1, 1, 1)


def test_a_host_that_ray_starts_again_takes_the_place_of_the_old_one(
    cluster: ClusterTelemetry,
) -> None:
    cluster.take(ONE, with_room("first"), 100.0)
    cluster.take(Source(Kind.HOST, "host-1", "b"), with_room(None), 101.0)
    stats = cluster.stats(101.0, 0.0)
    assert (stats.rooms, stats.hosts, stats.host_restarts) == (0, 1, 1)
    cluster.take(Source(Kind.HOST, "host-1", "b"), with_room("second"), 105.0)
    assert rooms(cluster, 105.0)[0].restarts == 1


def test_a_host_that_says_farewell_takes_its_rooms_along(cluster: ClusterTelemetry) -> None:
    cluster.take(ONE, with_room("first"), 100.0)
    cluster.farewell(ONE)
    assert rooms(cluster, 100.0) == []
    cluster.take(OTHER, with_room("second"), 101.0)
    assert rooms(cluster, 101.0)[0].restarts == 0


def test_rooms_that_ended_are_forgotten(cluster: ClusterTelemetry) -> None:
    for number in range(100):
        cluster.take(ONE, Report(rooms={f"solo-{number}": RoomReport("first")}), 4.0 * number)
        cluster.look_after(4.0 * number)
    assert len(cluster._rooms._rooms) <= HANDED_OVER_S / 4 + 2
