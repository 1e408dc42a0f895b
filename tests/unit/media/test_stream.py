"""Files of many kinds, whole and damaged, read part by part."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import av
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
    SILENCE_S,
    ClipFrame,
    Look,
    MediaInfo,
    SoundPart,
    probe,
    stream_media,
)
from tests.unit.media.making import (
    TONE_S,
    Pictures,
    Sound,
    decoded,
    number_of,
    tones,
    write,
)

LOOK = Look(fps=5.0)
SMOOTH = [number / 10 for number in range(25)]
"""Times of pictures for two and a half seconds, every other of which is looked at."""


@dataclass(frozen=True)
class Played:
    """What came out of a file, and what was wrong with it, if anything."""

    sound: NDArray[np.float32]
    frames: tuple[ClipFrame, ...]
    fault: str

    @property
    def seen(self) -> list[tuple[float, int]]:
        return [(frame.time_s, number_of(frame.jpeg)) for frame in self.frames]

    @property
    def heard(self) -> list[float]:
        """When tones begin."""
        loud = np.flatnonzero(np.abs(self.sound) > 0.1) / SAMPLE_RATE
        return [float(at) for n, at in enumerate(loud) if n == 0 or at - loud[n - 1] > 0.1]

    def level(self, start_s: float) -> float:
        """Amplitude of the tone that begins at a time."""
        begin, end = (round((start_s + TONE_S * part) * SAMPLE_RATE) for part in (0.25, 0.75))
        return float(np.sqrt(2 * np.mean(self.sound[begin:end] ** 2)))


def played(source: Path | BinaryIO, look: Look = LOOK) -> Played:
    sound, frames, fault = [np.zeros(0, np.float32)], [], ""
    try:
        for part in checked(stream_media(source, look)):
            if isinstance(part, ClipFrame):
                frames.append(part)
            else:
                sound.append(part.samples)
    except MediaError as error:
        fault = error.message
    return Played(np.concatenate(sound), tuple(frames), fault)


def checked(parts: Iterable[SoundPart | ClipFrame]) -> Iterator[SoundPart | ClipFrame]:
    """Parts of which each kind keeps its order, and the sound its continuity."""
    position, seen_s = 0, -1.0
    for part in parts:
        if isinstance(part, ClipFrame):
            assert part.time_s > seen_s
            seen_s = part.time_s
        else:
            assert part.time_s == position / SAMPLE_RATE
            assert part.samples.dtype == np.float32
            assert np.abs(part.samples).max() <= 1
            position += part.samples.size
        yield part


def late_by(late_s: float, *, from_s: float = -inf) -> Callable[[float], float]:
    return lambda time_s: late_s if time_s >= from_s else 0.0


@pytest.mark.parametrize(
    ("name", "video", "audio"),
    [
        ("meeting.mp4", "libx264", "aac"),
        ("meeting.mp4", "mpeg4", "aac"),
        ("meeting.mkv", "libx264", "libopus"),
        ("meeting.mkv", "mpeg4", "pcm_s16le"),
        ("meeting.webm", "libvpx", "libopus"),
        ("meeting.webm", "libvpx-vp9", "libopus"),
        ("meeting.mov", "libx264", "aac"),
        ("meeting.ts", "libx264", "aac"),
    ],
)
def test_a_video_is_seen_and_heard_at_the_right_times(
    tmp_path: Path, name: str, video: str, audio: str
) -> None:
    file = write(tmp_path / name, Pictures(SMOOTH, video), Sound(tones(2.5, [1, 2]), audio))
    meeting = played(file)
    assert meeting.fault == ""
    assert meeting.seen == [(n / 5, 2 * n) for n in range(13)]
    # Where nothing says how much of it is the encoder's lead, AAC comes a frame late.
    lead_s = 0.0213 if name.endswith(".ts") else 0.0
    assert meeting.heard == pytest.approx([1 + lead_s, 2 + lead_s], abs=0.002)
    assert meeting.level(1.0 + lead_s) == pytest.approx(0.5, rel=0.05)
    assert meeting.sound.size / SAMPLE_RATE == pytest.approx(2.5, abs=0.04)
    info = probe(file)
    assert (info.has_sound, info.has_pictures) == (True, True)
    assert info.duration_s == pytest.approx(2.5, abs=0.05)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("talk.wav", "pcm_s16le"),
        ("talk.flac", "flac"),
        ("talk.mp3", "libmp3lame"),
        ("talk.ogg", "libopus"),
        ("talk.m4a", "aac"),
    ],
)
def test_a_file_of_sound_is_heard_at_the_right_times(tmp_path: Path, name: str, codec: str) -> None:
    file = write(tmp_path / name, Sound(tones(2.5, [1, 2]), codec))
    talk = played(file)
    assert (talk.fault, talk.frames) == ("", ())
    assert talk.heard == pytest.approx([1, 2], abs=0.002)
    assert talk.level(1.0) == pytest.approx(0.5, rel=0.08)
    assert talk.sound.size / SAMPLE_RATE == pytest.approx(2.5, abs=0.02)
    assert probe(file) == MediaInfo(pytest.approx(2.5, abs=0.01), True, False)


@pytest.mark.parametrize("name", ["silent.mp4", "silent.mkv", "silent.mov"])
def test_a_file_of_pictures_has_no_sound(tmp_path: Path, name: str) -> None:
    file = write(tmp_path / name, Pictures(SMOOTH))
    silent = played(file)
    assert (silent.fault, silent.sound.size) == ("", 0)
    assert silent.seen == [(n / 5, 2 * n) for n in range(13)]
    assert probe(file) == MediaInfo(pytest.approx(2.5, abs=0.05), False, True)


@pytest.mark.parametrize("name", ["screen.mkv", "screen.mp4"])
def test_pictures_at_odd_times_count_from_the_next_time_that_is_due(
    tmp_path: Path, name: str
) -> None:
    times_s = [0, 0.02, 0.31, 0.9, 0.95, 2.5, 2.51, 4.0]
    sound = Sound(tones(4.1, [1, 3]), "aac")
    screen = played(write(tmp_path / name, Pictures(times_s), sound))
    assert screen.fault == ""
    assert screen.seen == [(0, 0), (0.2, 2), (0.8, 3), (2.4, 5), (4.0, 7)]
    assert screen.heard == pytest.approx([1, 3], abs=0.002)


def test_a_picture_a_second_is_a_frame_a_second(tmp_path: Path) -> None:
    slow = played(write(tmp_path / "slow.mp4", Pictures(range(8)), Sound(tones(8, [1, 7]), "aac")))
    assert slow.fault == ""
    assert slow.seen == [(n, n) for n in range(8)]
    assert slow.heard == pytest.approx([1, 7], abs=0.002)


def test_a_last_picture_that_stays_is_no_missing_end(tmp_path: Path) -> None:
    slides = played(write(tmp_path / "slides.mp4", Pictures([0, 1], lasts_s=9)))
    assert slides.fault == ""
    assert slides.seen == [(0, 0), (1, 1)]


@pytest.mark.parametrize(
    ("degrees", "corner"), [(0, (0, 0)), (90, (1, 0)), (180, (1, 1)), (270, (0, 1))]
)
def test_pictures_are_turned_as_the_file_asks(
    tmp_path: Path, degrees: int, corner: tuple[int, int]
) -> None:
    def bright_in_the_top_left(_: int, size: tuple[int, int]) -> NDArray[np.uint8]:
        picture = np.zeros((size[1], size[0], 3), np.uint8)
        picture[: size[1] // 2, : size[0] // 2] = 255
        return picture

    pictures = Pictures([0], size=(64, 96), degrees=degrees, paint=bright_in_the_top_left)
    (frame,) = played(write(tmp_path / "phone.mp4", pictures)).frames
    picture = decoded(frame.jpeg).mean(axis=2)
    assert picture.shape == ((96, 64) if degrees in (0, 180) else (64, 96))
    halves = [np.array_split(half, 2, axis=1) for half in np.array_split(picture, 2)]
    bright = [[quarter.mean() > 128 for quarter in half] for half in halves]
    assert np.argwhere(bright).tolist() == [list(corner)]


def test_a_picture_of_4k_is_scaled_down(tmp_path: Path) -> None:
    pictures = Pictures([0, 0.2, 0.4], "libx264", (3840, 2160))
    large = played(write(tmp_path / "large.mp4", pictures))
    assert large.seen == [(0, 0), (0.2, 1), (0.4, 2)]
    assert {decoded(frame.jpeg).shape for frame in large.frames} == {(360, 640, 3)}


def test_pictures_that_would_fill_the_memory_are_refused(tmp_path: Path) -> None:
    vast = Pictures([0.0], codec="mjpeg", size=(8_400, 8_000), lasts_s=1.0)
    assert "8400x8000" in played(write(tmp_path / "vast.mkv", vast)).fault


@pytest.mark.parametrize("default", [0, 1])
def test_one_of_several_tracks_is_heard(tmp_path: Path, default: int) -> None:
    tracks = [Sound(tones(2.5, [1 + n / 2]), "aac", default=n == default) for n in (0, 1)]
    heard = played(write(tmp_path / "languages.mkv", Pictures(SMOOTH), *tracks))
    assert heard.heard == pytest.approx([1 + default / 2], abs=0.002)
    assert heard.level(1 + default / 2) == pytest.approx(0.5, rel=0.05)


@pytest.mark.parametrize(
    ("name", "video", "audio"),
    [
        ("live.mkv", "mpeg4", "aac"),
        ("live.webm", "libvpx", "libopus"),
        ("live.mp4", "mpeg4", "aac"),
    ],
)
@pytest.mark.parametrize("apart_s", [0.0, 0.5])
def test_time_counts_from_the_first_sample_or_picture(
    tmp_path: Path, name: str, video: str, audio: str, apart_s: float
) -> None:
    pictures = Pictures([10 + time_s for time_s in SMOOTH], video)
    sound = Sound(tones(2.5, [1 - apart_s, 2 - apart_s]), audio, late=late_by(10 + apart_s))
    live = played(write(tmp_path / name, pictures, sound))
    assert live.fault == ""
    # An MP4 that does not start at zero keeps the lead of its encoder.
    assert live.heard == pytest.approx([1, 2], abs=0.025)
    assert live.seen == [(n / 5, 2 * n) for n in range(13)]


def test_pictures_may_start_after_the_sound(tmp_path: Path) -> None:
    pictures = Pictures([1 + time_s for time_s in SMOOTH])
    late = played(write(tmp_path / "late.mkv", pictures, Sound(tones(3.5, [1, 3]))))
    assert late.fault == ""
    assert late.seen == [(pytest.approx(1 + n / 5), 2 * n) for n in range(13)]
    assert late.heard == pytest.approx([1, 3], abs=0.002)


@pytest.mark.parametrize(
    ("name", "video", "audio"),
    [
        ("gap.webm", "libvpx", "libopus"),
        ("gap.mp4", "libx264", "aac"),
        ("gap.mkv", "mpeg4", "pcm_s16le"),
    ],
)
def test_silence_takes_the_place_of_sound_that_is_missing(
    tmp_path: Path, name: str, video: str, audio: str
) -> None:
    sound = Sound(tones(2.5, [0.5, 2]), audio, late=late_by(2, from_s=1))
    gap = played(write(tmp_path / name, Pictures([0, 1, 2, 3, 4], video), sound))
    assert gap.fault == ""
    assert gap.heard == pytest.approx([0.5, 4], abs=0.003)
    assert gap.sound.size / SAMPLE_RATE == pytest.approx(4.5, abs=0.04)
    assert not gap.sound[round(1.1 * SAMPLE_RATE) : round(2.9 * SAMPLE_RATE)].any()


def test_many_small_gaps_do_not_add_up(tmp_path: Path) -> None:
    sound = Sound(tones(4, [1, 3.4]), late=lambda time_s: 0.06 * (time_s // 0.2))
    lossy = played(write(tmp_path / "lossy.mkv", sound))
    assert lossy.heard == pytest.approx([1.3, 4.42], abs=0.1)
    assert lossy.sound.size / SAMPLE_RATE == pytest.approx(5.14, abs=0.1)


def test_a_gap_of_twenty_minutes_comes_in_pieces(tmp_path: Path) -> None:
    sound = Sound(tones(2.5, [0.5, 2]), late=late_by(1_200, from_s=1))
    file = write(tmp_path / "break.mkv", sound)
    parts = [part for part in stream_media(file, LOOK) if isinstance(part, SoundPart)]
    assert max(part.samples.size for part in parts) == round(SILENCE_S * SAMPLE_RATE)
    assert played(file).heard == pytest.approx([0.5, 1_202], abs=0.001)


def test_a_clock_that_leaps_is_damage(tmp_path: Path) -> None:
    for track in (
        Pictures([0, 0.2, 2 * MAX_GAP_S]),
        Sound(tones(2, [0.5]), late=late_by(2 * MAX_GAP_S, from_s=1)),
    ):
        leapt = played(write(tmp_path / "leap.mkv", track))
        assert "clock leaps from" in leapt.fault
        assert leapt.frames or leapt.heard == pytest.approx([0.5], abs=0.001)
        assert leapt.sound.size <= 2 * SAMPLE_RATE


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000, 96_000])
def test_any_sampling_rate_is_heard_at_its_level(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "talk.wav", tones(2.5, [1, 2], rate=rate), rate)
    talk = played(tmp_path / "talk.wav")
    assert talk.heard == pytest.approx([1, 2], abs=0.001)
    assert talk.level(1) == pytest.approx(0.5, rel=0.01)
    assert talk.sound.size == pytest.approx(40_000, abs=1)


@pytest.mark.parametrize("n_channels", [1, 2, 3, 6, 8, 9, 16])
def test_the_level_is_the_mean_of_the_channels(tmp_path: Path, n_channels: int) -> None:
    channels = np.zeros((120_000, n_channels), np.float32)
    channels[:, : (n_channels + 1) // 2] = tones(2.5, [1, 2])[:, None]
    soundfile.write(tmp_path / "talk.wav", channels, 48_000)
    talk = played(tmp_path / "talk.wav")
    share = (n_channels + 1) // 2 / n_channels
    assert talk.level(1) == pytest.approx(0.5 * share, rel=0.01)


def test_sound_of_a_cinema_is_the_mean_of_its_channels(tmp_path: Path) -> None:
    half = np.stack([tones(2.5, [1, 2])] * 3 + [tones(2.5, [])] * 3)
    talk = played(write(tmp_path / "talk.mp4", Sound(half, "aac", layout="5.1")))
    assert talk.heard == pytest.approx([1, 2], abs=0.002)
    assert talk.level(1) == pytest.approx(0.25, rel=0.05)


@pytest.mark.parametrize(("name", "codec"), [("radio.mp3", "libmp3lame"), ("radio.oga", "flac")])
def test_sound_may_change_its_rate_and_channels(tmp_path: Path, name: str, codec: str) -> None:
    content = b""
    for rate, layout, n_channels in ((48_000, "stereo", 2), (24_000, "mono", 1)):
        samples = np.stack([tones(2, [0.5, 1.5], rate=rate)] * n_channels)
        sound = Sound(samples, codec, rate=rate, layout=layout)
        content += write(tmp_path / name, sound).read_bytes()
    (tmp_path / name).write_bytes(content)
    radio = played(tmp_path / name)
    # A second MP3 begins with its own encoder's lead.
    assert radio.heard == pytest.approx([0.5, 1.5, 2.5, 3.5], abs=0.06)
    assert [radio.level(at) for at in radio.heard] == pytest.approx([0.5] * 4, rel=0.08)


@pytest.mark.parametrize(
    ("name", "codec", "container"),
    [
        ("song.mp3", "libmp3lame", "mp3"),
        ("song.m4a", "aac", "mp4"),
        ("song.flac", "flac", "flac"),
    ],
)
def test_the_cover_of_a_song_is_no_video(
    tmp_path: Path, name: str, codec: str, container: str
) -> None:
    cover = Pictures([0], "mjpeg", cover=True)
    file = write(tmp_path / name, Sound(tones(2.5, [1, 2]), codec), cover, container=container)
    with av.open(str(file)) as opened:
        assert len(opened.streams.video) == 1
    assert not probe(file).has_pictures
    song = played(file)
    assert (song.fault, song.frames) == ("", ())
    assert song.heard == pytest.approx([1, 2], abs=0.002)


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
