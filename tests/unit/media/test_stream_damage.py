"""Files that are damaged, cut off, or none, read part by part."""

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hoovik.errors import MediaError
from hoovik.layout import SAMPLE_RATE
from hoovik.media.stream import (
    MAX_GAP_S,
    ClipFrame,
    SoundPart,
    probe,
    stream_media,
)
from tests.unit.media.making import (
    Pictures,
    Sound,
    tones,
    write,
)
from tests.unit.media.playing import LOOK, SMOOTH, checked, played


def test_a_track_that_cannot_be_decoded_leaves_the_other(tmp_path: Path) -> None:
    file = write(tmp_path / "new.mp4", Pictures(SMOOTH, "libx264"), Sound(tones(2.5, [1]), "aac"))
    file.write_bytes(file.read_bytes().replace(b"avc1", b"av99"))
    new = played(file)
    assert (new.fault, new.frames) == ("", ())
    assert new.heard == pytest.approx([1], abs=0.002)


@cache
def meeting(suffix: str, movflags: str | None = None) -> bytes:
    """Ten seconds with tones at 1, 2 and 8, and 10 pictures a second that do not compress."""
    video, audio = ("libvpx", "libopus") if suffix == "webm" else ("mpeg4", "aac")

    def noise(number: int, size: tuple[int, int]) -> NDArray[np.uint8]:
        return np.random.default_rng(number).integers(256, size=(*size, 3), dtype=np.uint8)

    pictures = Pictures([n / 10 for n in range(100)], video, paint=noise)
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"meeting.{suffix}"
        write(file, pictures, Sound(tones(10, [1, 2, 8]), audio), movflags=movflags)
        return file.read_bytes()


@pytest.mark.parametrize(
    ("suffix", "movflags"),
    [("mp4", "faststart"), ("mp4", "frag_keyframe+empty_moov"), ("mkv", None), ("webm", None)],
)
def test_what_there_is_of_a_file_that_was_cut_off_is_given(
    suffix: str, movflags: str | None
) -> None:
    content = meeting(suffix, movflags)
    whole, cut = played(BytesIO(content)), played(BytesIO(content[: len(content) // 2]))
    assert whole.fault == ""
    assert len(whole.frames) == 50
    assert 15 <= len(cut.frames) < 35
    assert cut.frames[:15] == whole.frames[:15]
    same = 3 * SAMPLE_RATE
    np.testing.assert_array_equal(cut.sound[:same], whole.sound[:same])
    if movflags != "frag_keyframe+empty_moov":
        assert "says it lasts 10.0 s" in cut.fault
        said = float(cut.fault.split("ends at ")[1].split(" s")[0])
        assert said == pytest.approx(
            max(cut.sound.size / SAMPLE_RATE, len(cut.frames) / 5), abs=0.3
        )


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"Good morning.\n" * 100, id="text"),
        pytest.param(b"\0" * 4_096, id="zeros"),
        pytest.param(b"#EXTM3U\n#EXTINF:10,\nfile:///etc/hostname\n", id="playlist"),
    ],
)
@pytest.mark.parametrize("name", ["clip.mp4", "clip.txt", "clip"])
def test_what_is_no_media_is_refused(tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    for source in (tmp_path / name, BytesIO(content)):
        assert "cannot be read" in played(source).fault
        with pytest.raises(MediaError):
            probe(source)


def test_a_file_whose_index_was_cut_off_is_refused() -> None:
    content = meeting("mp4")
    cut = played(BytesIO(content[: len(content) // 2]))
    assert "cannot be read" in cut.fault


def test_a_list_of_other_files_opens_none_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("secret.mp4"), Pictures(SMOOTH))
    assert played(BytesIO(b"ffconcat version 1.0\nfile secret.mp4\n")).fault


def test_a_name_may_hold_a_colon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "14:30.mp4", Pictures([0]))
    assert played(Path("14:30.mp4")).seen == [(0, 0)]


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "webm"])
def test_damage_in_the_middle_leaves_the_rest(suffix: str) -> None:
    content = bytearray(meeting(suffix))
    middle = len(content) // 2
    content[middle : middle + 400] = np.random.default_rng(5).bytes(400)
    damaged, whole = played(BytesIO(content)), played(BytesIO(meeting(suffix)))
    assert damaged.fault == ""
    assert damaged.frames[:20] == whole.frames[:20]
    assert len(damaged.frames) >= 40
    assert damaged.frames[-1].time_s == whole.frames[-1].time_s
    assert [at for at in damaged.heard if damaged.level(at) > 0.4] == pytest.approx(
        [1, 2, 8], abs=0.1
    )


def test_sound_that_is_not_finite_ends_what_is_given(tmp_path: Path) -> None:
    samples = tones(2.5, [1])
    samples[100_000] = np.nan
    soundfile.write(tmp_path / "damaged.wav", samples, 48_000, subtype="FLOAT")
    damaged = played(tmp_path / "damaged.wav")
    assert "not finite" in damaged.fault
    assert damaged.heard == pytest.approx([1], abs=0.001)


@pytest.mark.parametrize("rate", [1, 999, 1_000_001, 2**31 - 1])
def test_a_sampling_rate_of_no_sound_is_refused(tmp_path: Path, rate: int) -> None:
    file = write(tmp_path / "damaged.wav", Sound(tones(1, [0.5])))
    content = bytearray(file.read_bytes())
    content[24:28] = rate.to_bytes(4, "little")
    assert f"sampled at {rate} Hz" in played(BytesIO(content)).fault


@pytest.mark.parametrize("skip_until_s", [0.0, 0.05, 3.3, 7.0, 9.95, 99.0])
@pytest.mark.parametrize("suffix", ["mp4", "webm"])
def test_what_follows_a_skip_is_the_same_as_without(suffix: str, skip_until_s: float) -> None:
    def late(part: SoundPart | ClipFrame) -> bool:
        if isinstance(part, ClipFrame):
            return part.time_s >= skip_until_s
        return part.time_s + part.samples.size / SAMPLE_RATE > skip_until_s

    file = BytesIO(meeting(suffix))
    whole = [bare(part) for part in stream_media(file, LOOK) if late(part)]
    rest = [bare(part) for part in stream_media(file, LOOK, skip_until_s=skip_until_s)]
    assert rest == whole


def bare(part: SoundPart | ClipFrame) -> tuple[float, bytes]:
    return part.time_s, part.jpeg if isinstance(part, ClipFrame) else part.samples.tobytes()


def test_a_title_may_be_in_any_encoding(tmp_path: Path) -> None:
    file = tmp_path / "talk.wav"
    with soundfile.SoundFile(file, "w", 48_000, 1) as talk:
        talk.title = "Reunion"
        talk.write(tones(2.5, [1, 2]))
    file.write_bytes(file.read_bytes().replace(b"Reunion", "Réunion".encode("latin-1")))
    assert played(file).heard == pytest.approx([1, 2], abs=0.001)
    assert probe(file).has_sound


def test_an_open_file_is_read_more_than_once(tmp_path: Path) -> None:
    path = tmp_path / "meeting.mp4"
    path.write_bytes(meeting("mp4"))
    by_path = [bare(part) for part in stream_media(path, LOOK)]
    with path.open("rb") as file:
        assert probe(file) == probe(path)
        assert [bare(part) for part in stream_media(file, LOOK)] == by_path
        assert probe(file) == probe(path)


class Unreliable(BytesIO):
    """A file whose connection breaks with an error of its own kind."""

    def __init__(self, content: bytes, good_reads: int) -> None:
        super().__init__(content)
        self.good_reads = good_reads

    def read(self, size: int | None = -1, /) -> bytes:
        self.good_reads -= 1
        if self.good_reads < 0:
            raise LookupError("the line went dead")
        return super().read(size)


@pytest.mark.parametrize("good_reads", [0, 1, 25])
def test_whatever_a_file_raises_is_a_fault_of_the_media(tmp_path: Path, good_reads: int) -> None:
    file = write(tmp_path / "talk.wav", Sound(tones(10, [1, 2])))
    broken = played(Unreliable(file.read_bytes(), good_reads))
    assert "the line went dead" in broken.fault
    assert (broken.sound.size > 2 * SAMPLE_RATE) == (good_reads == 25)


@cache
def small(suffix: str) -> bytes:
    video, audio = {"mp4": ("mpeg4", "aac"), "webm": ("libvpx", "libopus")}.get(suffix, ("", ""))
    sound = Sound(tones(0.5, [0.1], rate=16_000), audio or "pcm_s16le", rate=16_000)
    pictures = [Pictures([0, 0.1, 0.2, 0.3, 0.4], video)] if video else []
    with TemporaryDirectory() as folder:
        return write(Path(folder) / f"small.{suffix}", *pictures, sound).read_bytes()


@pytest.mark.parametrize("suffix", ["mp4", "webm", "wav"])
@given(
    edits=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=9),
    kept=st.one_of(st.just(1.0), st.floats(0, 1)),
)
def test_no_damage_raises_anything_but_a_media_error(
    suffix: str, edits: list[tuple[float, int]], kept: float
) -> None:
    content = bytearray(small(suffix))
    for place, value in edits:
        # Headers are most of what can go wrong, and the least of a file.
        content[int(place**3 * len(content))] = value
    source = BytesIO(bytes(content[: round(kept * len(content))]))
    with suppress(MediaError):
        probe(source)
    sound_s = sum(part.samples.size for part in checked(stream_until_damage(source))) / SAMPLE_RATE
    assert sound_s < 10 * MAX_GAP_S


def stream_until_damage(source: BinaryIO) -> Iterator[SoundPart]:
    with suppress(MediaError):
        for part in checked(stream_media(source, LOOK)):
            if isinstance(part, SoundPart):
                yield part
