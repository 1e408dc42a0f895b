"""Which host gets which room, by literal censuses."""

import pytest

from actors.roster import GRACE_S, Census, Roster
from hoovik.settings import RoomSettings


def roster(*hosts: str, **settings: int) -> Roster:
    made = Roster(RoomSettings(**{"participants_per_host": 4, "idle_s": 10.0} | settings))
    for host in hosts:
        made.add(host, 0.0)
    return made


def hold(made: Roster, host: str, *rooms: str, participants: int, now: float = 100.0) -> set[str]:
    return made.heard(host, Census(rooms, float(participants), accepting=True), now, now)


def test_rooms_gather_in_one_host_until_it_is_full() -> None:
    made = roster("a", "b")
    assert [made.place(f"r{n}", 1.0) for n in range(5)] == ["a", "a", "a", "a", "b"]
    assert made.place("r2", 2.0) == "a"


def test_the_least_loaded_host_that_has_rooms_gets_the_next() -> None:
    made = roster("a", "b", "c")
    hold(made, "a", "r1", participants=3)
    hold(made, "b", "r2", participants=1)
    assert made.place("r3", 101.0) == "b"


def test_a_host_that_takes_no_more_gets_none() -> None:
    made = roster("a", "b")
    made.heard("a", Census(("r1",), 1, accepting=False), 1.0, 1.0)
    assert made.place("r2", 2.0) == "b"
    assert made.place("r1", 2.0) == "a"


def test_each_room_has_a_host_of_its_own_where_that_is_asked() -> None:
    made = roster("a", "b", rooms_per_host=1)
    assert made.place("r1", 0.0) == "a"
    assert made.place("r2", 0.0) == "b"
    assert made.place("r3", 0.0) is None
    assert made.missing() == 2


@pytest.mark.parametrize(("spare", "missing"), [(0, 1), (1, 2), (3, 4)])
def test_there_is_always_a_host_with_a_place_and_the_spare_ones(spare: int, missing: int) -> None:
    made = roster(spare_hosts=spare)
    assert made.missing() == missing
    for number in range(missing):
        made.add(f"h{number}", 0.0)
    assert made.missing() == 0
    hold(made, "h0", "r1", participants=4)
    assert made.missing() == 1


def test_a_lost_host_s_rooms_are_placed_anew_in_the_warm_one() -> None:
    made = roster("a", "b")
    made.place("r1", 0.0)
    made.lose("a")
    assert made.host_of("r1") is None
    assert made.place("r1", 1.0) == "b"
    assert made.missing() == 1


def test_a_room_is_never_in_two_hosts() -> None:
    made = roster("a", "b")
    hold(made, "a", "r1", participants=1)
    assert hold(made, "b", "r1", "r2", participants=2) == {"r1"}
    assert made.host_of("r1") == "a"
    assert made.host_of("r2") == "b"


def test_a_room_that_ended_is_forgotten_and_one_on_its_way_is_not() -> None:
    made = roster("a")
    made.place("r1", 0.0)
    made.place("r2", 100.0)
    hold(made, "a", participants=0, now=GRACE_S + 1)
    assert made.host_of("r1") is None
    assert made.host_of("r2") == "a"


def test_a_room_that_moved_is_at_one_host() -> None:
    made = roster("a", "b")
    made.place("r1", 0.0)
    assert made.least_loaded(but="a") == "b"
    made.put("r1", "b", 1.0)
    assert made.rooms_of("a") == set()
    assert made.rooms_of("b") == {"r1"}


def test_empty_hosts_end_after_a_while_but_for_those_that_are_wanted() -> None:
    made = roster("a", "b", "c", "d")
    hold(made, "a", "r1", participants=1)
    assert made.surplus(9.0) == []
    assert made.surplus(11.0) == ["c", "d"]


def test_an_empty_host_that_takes_no_more_ends_at_once() -> None:
    made = roster("a", "b", "c")
    made.heard("a", Census((), 0, accepting=False), 1.0, 1.0)
    assert made.surplus(2.0) == ["a"]


def test_a_host_that_has_got_too_full_gives_a_room_away_while_another_takes_any() -> None:
    made = roster("a", "b")
    hold(made, "a", "r1", "r2", participants=5)
    assert made.relief() is None
    hold(made, "a", "r1", "r2", participants=6)
    assert made.relief() == ("r1", "b")
    hold(made, "b", "r3", participants=4)
    assert made.relief() is None
    hold(made, "a", "r1", participants=6, now=200.0)
    hold(made, "b", participants=0, now=200.0)
    assert made.relief() is None
