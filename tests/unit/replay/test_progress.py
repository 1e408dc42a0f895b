from math import inf
from pathlib import Path

import numpy as np
import pytest
import soundfile

from hoovik.schema.emotion import EMOTIONS
from replay.chunk import RawResults
from replay.found import Ended, Failed, Played, Task
from replay.progress import Meter, Progress
from replay.recording import Recording

NOTHING = RawResults(
    np.zeros(0),
    np.zeros((0, len(EMOTIONS)), np.float32),
    (),
    np.zeros(0, bool),
    (),
    np.zeros(0),
    np.zeros(0),
)


def task(number: int, media: Path, done: frozenset[int] = frozenset()) -> Task:
    return Task(Recording(number, 0, "ada", str(media), 0.0, (), "key"), done)


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "tone.wav", np.zeros(12 * 8_000), 8_000)
    return tmp_path / "tone.wav"


def test_what_is_left_is_what_the_files_say_less_what_is_done(tone: Path, tmp_path: Path) -> None:
    told: list[Progress] = []
    meter = Meter([task(0, tone), task(1, tone, frozenset({0})), task(2, tmp_path)], told.append)
    assert (told[-1].media_s, told[-1].media_left_s) == (0.0, pytest.approx(19))
    assert told[-1].left_s is None
    meter.tell(Played(0, 0, 2, NOTHING))
    assert (told[-1].media_s, told[-1].media_left_s) == (10.0, pytest.approx(9))
    # The last cell is as long as what is left.
    meter.tell(Failed(0, 2, 1, "why"))
    assert told[-1].media_s == pytest.approx(12)
    meter.tell(Ended(0, 12.0))
    assert (told[-1].recordings, told[-1].ended) == (3, 1)


def test_a_file_that_tells_no_length_counts_as_it_is_played(tmp_path: Path) -> None:
    told: list[Progress] = []
    meter = Meter([task(0, tmp_path / "gone.mp4")], told.append)
    meter.tell(Played(0, 0, 6, NOTHING))
    assert (told[-1].media_s, told[-1].media_left_s) == (30.0, 0.0)


def test_speed_is_media_by_time() -> None:
    progress = Progress(media_s=60, media_left_s=30, elapsed_s=4, recordings=1, ended=0)
    assert (progress.speed, progress.left_s) == (15, 2)
    assert Progress(0, inf, 0, 1, 0).left_s is None
