"""Recordings as chunks, where a file changes or ends while it is read."""

import os
import shutil
from itertools import islice
from math import inf
from pathlib import Path

import numpy as np
import pytest
import soundfile

from hoovik.media.meeting import ClientState
from replay.cells import CELL_S
from replay.chunk import Change, Chunk
from replay.found import Ended, Task
from replay.packing import packed, unpacked
from replay.reading import chunks_of, read_chunks
from replay.recording import Recording

SECONDS = 32.0
FPS = 5.0


def task(media: Path | str, done: frozenset[int] = frozenset()) -> Task:
    always = (Change(-inf, ClientState()),)
    return Task(Recording(5, 2, "ada", str(media), 0.0, always, "key"), done)


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    times = np.arange(round(SECONDS * 16_000)) / 16_000
    soundfile.write(tmp_path / "tone.wav", 0.3 * np.sin(2 * np.pi * 200 * times), 16_000)
    return tmp_path / "tone.wav"


def test_chunks_come_in_order_and_then_the_end(tone: Path) -> None:
    *chunks, end = chunks_of(task(tone), 2, FPS)
    assert [(one.first_cell, one.n_cells, one.ends) for one in chunks] == [
        (0, 2, False),
        (2, 2, False),
        (4, 2, False),
        (6, 1, True),
    ]
    assert end == Ended(5, pytest.approx(SECONDS), "")


def test_done_cells_are_left_out(tone: Path) -> None:
    *chunks, _ = chunks_of(task(tone, frozenset({0, 1, 2, 4, 6})), 6, FPS)
    assert [(one.first_cell, one.n_cells) for one in chunks] == [(3, 1), (5, 1)]
    # A chunk rests on the cell before it, whether that one is done or not.
    assert chunks[0].sound_start_s <= 2 * CELL_S
    assert chunks[0].sound.size >= 2 * CELL_S * 16_000


def test_a_file_that_is_done_is_read_to_its_end_all_the_same(tone: Path) -> None:
    assert list(chunks_of(task(tone, frozenset(range(7))), 6, FPS)) == [
        Ended(5, pytest.approx(SECONDS), "")
    ]


def test_a_file_that_is_cut_short_meanwhile_counts_as_far_as_it_went(
    meeting_folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mira.webm"
    shutil.copy(meeting_folder / "jonas.webm", file)
    reading = chunks_of(task(file), 1, FPS)
    first = next(reading)
    assert isinstance(first, Chunk)
    os.truncate(file, file.stat().st_size // 2)
    *_, end = reading
    assert isinstance(end, Ended)
    assert 5 < end.duration_s < 30
    assert "36.0 s" in end.fault


def test_a_file_that_is_gone_is_a_fault(tmp_path: Path) -> None:
    (end,) = chunks_of(task(tmp_path / "gone.mp4"), 1, FPS)
    assert isinstance(end, Ended)
    assert (end.recording, end.duration_s) == (5, 0.0)
    assert "No such file" in end.fault


def test_an_unknown_file_system_is_a_fault_that_tells_no_secret() -> None:
    (end,) = chunks_of(task("nowhere://ada:secret@host/a.mp4?sig=secret"), 1, FPS)
    assert isinstance(end, Ended)
    assert "nowhere" in end.fault
    assert "secret" not in end.fault


def test_a_reader_holds_no_more_than_a_chunk(tone: Path) -> None:
    batch = {"task": packed(task(tone))}
    rows = read_chunks(batch, chunk_cells=2, fps=FPS)
    first, second = (unpacked(row["chunk"][0]) for row in islice(rows, 2))
    assert (first.first_cell, second.first_cell) == (0, 2)
    assert second.sound.size <= (4 * CELL_S + 1) * 16_000
