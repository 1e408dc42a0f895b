import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hoovik.audio.buffer import SampleRing

STEPS = st.lists(st.one_of(st.integers(0, 30), st.just(None)), max_size=30)
"""Lengths of appended pieces; None clears."""


def test_the_newest_come_back_in_order_of_time() -> None:
    ring = SampleRing(5)
    ring.append(np.array([1, 2, 3], np.float32))
    ring.append(np.array([4, 5, 6, 7], np.float32))
    assert ring.latest(5).tolist() == [3, 4, 5, 6, 7]
    assert ring.latest(2).tolist() == [6, 7]
    assert ring.latest(0).size == 0


def test_more_than_is_held_is_not_answered() -> None:
    ring = SampleRing(5)
    ring.append(np.array([1, 2], np.float32))
    assert ring.latest(3) is None
    assert ring.latest(6) is None


def test_a_copy_is_handed_out() -> None:
    ring = SampleRing(4)
    ring.append(np.array([1, 2], np.float32))
    ring.latest(2)[:] = 9
    assert ring.latest(2).tolist() == [1, 2]


def test_clearing_forgets_the_sound() -> None:
    ring = SampleRing(4)
    ring.append(np.ones(3, np.float32))
    ring.clear()
    assert ring.latest(1) is None
    ring.append(np.full(1, 7, np.float32))
    assert ring.latest(1).tolist() == [7]


@given(capacity=st.integers(1, 25), steps=STEPS, wanted=st.integers(0, 30))
def test_it_holds_what_a_growing_array_would(
    capacity: int, steps: list[int | None], wanted: int
) -> None:
    ring, reference, counter = SampleRing(capacity), np.empty(0, np.float32), 0
    for step in steps:
        if step is None:
            ring.clear()
            reference = reference[:0]
            continue
        piece = np.arange(counter, counter + step, dtype=np.float32)
        counter += step
        ring.append(piece)
        reference = np.concatenate([reference, piece])[-capacity:]
        assert ring.latest(reference.size + 1) is None
        latest = ring.latest(wanted)
        if wanted > reference.size:
            assert latest is None
        else:
            assert latest is not None
            assert np.array_equal(latest, reference[reference.size - wanted :])
