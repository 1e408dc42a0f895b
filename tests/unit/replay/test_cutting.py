"""A made recording: sound that counts its samples, and five pictures a second."""

from collections.abc import Iterator
from math import inf

import numpy as np
import pytest

from hoovik.layout import CONTEXT_SAMPLES, SAMPLE_RATE, SEQ_LEN
from hoovik.media.meeting import ClientState
from hoovik.media.stream import ClipFrame, SoundPart
from hoovik.settings import SessionSettings
from replay.cells import CELL_S, LEAD_S, PRE_ROLL_S, cell_of, cells_for
from replay.chunk import Change, Chunk
from replay.cutting import MAX_SKEW_S, Cutter

PART = 1_024
ALWAYS = (Change(-inf, ClientState()),)


def parts(
    sound_s: float, pictures_s: float, late_s: float = 0.0
) -> Iterator[SoundPart | ClipFrame]:
    """Sound and pictures interleaved by time, the sound so much later in the file."""
    sounds = [
        (start / SAMPLE_RATE + late_s, SoundPart(start / SAMPLE_RATE, count(start)))
        for start in range(0, round(sound_s * SAMPLE_RATE), PART)
    ]
    frames = [(n / 5, ClipFrame(n / 5, b"%d" % n)) for n in range(round(pictures_s * 5))]
    yield from (part for _, part in sorted([*sounds, *frames], key=lambda one: one[0]))


def count(start: int) -> np.ndarray:
    return (np.arange(start, start + PART) % 997).astype(np.float32)


def cutter(chunk_cells: int = 2, done: frozenset[int] = frozenset(), kinds: int = 2) -> Cutter:
    return Cutter(7, offset_s=0.0, changes=ALWAYS, done=done, chunk_cells=chunk_cells, kinds=kinds)


def cut(sound_s: float, pictures_s: float, late_s: float = 0.0, **how: object) -> list[Chunk]:
    return list(cutter(**how).cut(parts(sound_s, pictures_s, late_s)))


@pytest.mark.parametrize(
    ("time_s", "cell"), [(0.0, 0), (0.1, 0), (5.0, 0), (5.0000001, 1), (15.0, 2), (15.3, 3)]
)
def test_an_instant_on_an_edge_ends_its_cell(time_s: float, cell: int) -> None:
    assert cell_of(time_s) == cell


def test_all_that_a_result_rests_on_lies_in_the_lead_of_its_cell() -> None:
    heard_s = max(CONTEXT_SAMPLES.values()) / SAMPLE_RATE
    assert (SEQ_LEN - 1) * SessionSettings().tick_s + heard_s <= CELL_S
    # What the first step of the lead hears is all there, too.
    assert heard_s <= PRE_ROLL_S


def test_chunks_are_whole_cells() -> None:
    assert [cells_for(chunk_s) for chunk_s in (0.1, 5, 7, 30, 3_600)] == [1, 1, 2, 6, 720]


@pytest.mark.parametrize("late_s", [0.0, 2.0])
def test_a_chunk_holds_its_cells_and_their_lead(late_s: float) -> None:
    chunks = cut(33.0, 33.0, late_s)
    assert [(one.first_cell, one.n_cells, one.ends) for one in chunks] == [
        (0, 2, False),
        (2, 2, False),
        (4, 2, False),
        (6, 1, True),
    ]
    middle = chunks[2]
    assert middle.recording == 7
    assert middle.sound_start_s == 4 * CELL_S - LEAD_S - PRE_ROLL_S
    first = round(middle.sound_start_s * SAMPLE_RATE)
    np.testing.assert_array_equal(
        middle.sound, (np.arange(first, 30 * SAMPLE_RATE) % 997).astype(np.float32)
    )
    times = [frame.time_s for frame in middle.frames]
    assert times == [n / 5 for n in range(38, 151)]
    assert chunks[0].frames[0].time_s == 0.0
    assert chunks[3].frames[-1].time_s == pytest.approx(32.8)
    # The beginning is the lead of the second cell, its first picture included.
    assert cut(23.0, 23.0, chunk_cells=1)[1].frames[0].time_s == 0.0


def test_what_is_done_is_left_out() -> None:
    done = frozenset({0, 1, 4})
    chunks = cut(33.0, 33.0, chunk_cells=4, done=done)
    assert [(one.first_cell, one.n_cells) for one in chunks] == [(2, 2), (5, 2)]
    assert cutter(done=done | {2, 3}).needed_from_s == 5 * CELL_S - LEAD_S - PRE_ROLL_S
    (same,) = [one for one in cut(33.0, 33.0, chunk_cells=2) if one.first_cell == 2]
    np.testing.assert_array_equal(chunks[0].sound, same.sound)
    assert chunks[0].frames == same.frames


def test_one_kind_waits_for_no_other() -> None:
    silent = cut(0.0, 12.0, kinds=1)
    assert [(one.first_cell, one.n_cells, one.ends) for one in silent] == [
        (0, 2, False),
        (2, 1, True),
    ]
    assert all(one.sound.size == 0 for one in silent)
    assert [one.n_cells for one in cut(12.0, 0.0, kinds=1)] == [2, 1]


def test_a_track_that_ends_keeps_no_more_than_the_skew_in_memory() -> None:
    seen_s = 0.0

    def watched() -> Iterator[SoundPart | ClipFrame]:
        nonlocal seen_s
        for part in parts(3.0, 90.0):
            seen_s = max(seen_s, part.time_s)
            yield part

    chunks = cutter().cut(watched())
    next(chunks)
    assert seen_s <= 10 + MAX_SKEW_S
    assert sum(one.n_cells for one in chunks) == 16


def test_nothing_makes_no_chunk() -> None:
    assert cut(0.0, 0.0) == []
