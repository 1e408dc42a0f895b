from hoovik.schema.basis import KEPT, BasisClock
from hoovik.schema.outbound import Basis


def test_the_newest_sample_counts() -> None:
    clock = BasisClock()
    for time_s in (1.0, 2.0, 3.0):
        clock.sounds.note(time_s)
    clock.frames.note(2.5)
    assert clock.newest_s(Basis(audio=2, frame=1)) == 2.5
    assert clock.newest_s(Basis(audio=3, frame=1)) == 3.0
    assert clock.newest_s(Basis(frame=1)) == 2.5


def test_what_is_not_known_does_not_count() -> None:
    clock = BasisClock()
    clock.sounds.note(1.0)
    assert clock.newest_s(Basis(audio=2)) is None
    assert clock.newest_s(Basis(audio=0)) is None
    assert clock.newest_s(Basis()) is None


def test_only_the_last_are_kept_and_numbers_go_on() -> None:
    clock = BasisClock()
    for number in range(1, KEPT + 11):
        clock.sounds.note(float(number))
    assert clock.sounds.count == KEPT + 10
    assert clock.newest_s(Basis(audio=10)) is None
    assert clock.newest_s(Basis(audio=11)) == 11.0
    assert clock.newest_s(Basis(audio=KEPT + 10)) == KEPT + 10


def test_another_connection_counts_from_one() -> None:
    clock = BasisClock()
    clock.frames.note(1.0)
    clock.clear()
    clock.frames.note(9.0)
    assert clock.newest_s(Basis(frame=1)) == 9.0
