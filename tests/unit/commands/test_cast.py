"""A meeting's files as its participants will send them."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml

from commands.cast import cast_of
from hoovik.errors import MediaError
from hoovik.schema.action import Action
from tests.unit.media.making import film, number_of, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two seconds of mira, heard but not seen, and one second of jonas, seen but not heard."""
    soundfile.write(tmp_path / "mira.wav", np.full(32_000, 0.5), 16_000)
    write(tmp_path / "jonas.mp4", film(1.0, size=(64, 64)))
    return tmp_path


def describe(folder: Path, **said: object) -> None:
    script = {
        "participants": [
            {"name": "mira", "file": "mira.wav", "offset_s": 1.5},
            {"name": "jonas", "file": "jonas.mp4", "offset_s": 3.0},
        ],
        "events": [
            {"time_s": 2.0, "participant": "mira", "action": "mute"},
            {"time_s": 2.5, "participant": "jonas", "action": "leave"},
            {"time_s": 3.0, "participant": "mira", "action": "unmute"},
        ],
    }
    (folder / "meeting.yaml").write_text(yaml.safe_dump(script | said))


def test_a_file_that_begins_late_is_sent_late(folder: Path) -> None:
    describe(folder)
    cast = cast_of([folder])
    mira, jonas = cast.recordings["mira"], cast.recordings["jonas"]
    assert mira.audio.dtype == np.float32
    assert not mira.audio[:24_000].any()
    np.testing.assert_allclose(mira.audio[24_000:], 0.5, atol=1e-4)
    assert (mira.audio.size, mira.duration_s) == (56_000, 3.5)
    assert list(mira.frames) == []
    assert jonas.audio.size == 0
    assert [time_s for time_s, _ in jonas.frames] == pytest.approx([3, 3.2, 3.4, 3.6, 3.8])
    assert [number_of(jpeg) for _, jpeg in jonas.frames] == [0, 5, 10, 15, 20]
    assert jonas.duration_s == pytest.approx(4.0)


def test_scripts_are_on_the_clock_of_the_meeting(folder: Path) -> None:
    describe(folder)
    cast = cast_of([folder / "meeting.yaml"])
    assert cast.meeting is not None
    assert list(cast.recordings["mira"].script) == [(2.0, Action.MUTE), (3.0, Action.UNMUTE)]
    assert list(cast.recordings["jonas"].script) == [(2.5, Action.LEAVE)]


def test_a_meeting_lasts_as_it_says_or_as_long_as_its_files(folder: Path) -> None:
    describe(folder)
    assert cast_of([folder]).duration_s == pytest.approx(4.0)
    describe(folder, duration_s=30.0)
    assert cast_of([folder]).duration_s == 30.0


def test_files_alone_are_a_cast_without_a_script(folder: Path) -> None:
    cast = cast_of([folder / "mira.wav", folder / "jonas.mp4"])
    assert cast.meeting is None
    assert cast.duration_s == 2.0
    assert [one.script for one in cast.recordings.values()] == [(), ()]
    assert cast.recordings["jonas"].frames[0][0] == 0


def test_a_file_that_is_not_there_is_refused(folder: Path) -> None:
    describe(folder)
    (folder / "jonas.mp4").unlink()
    with pytest.raises(MediaError, match=r"jonas\.mp4"):
        cast_of([folder])
