"""Files of many kinds, whole and damaged, read part by part."""

from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from hoovik.layout import SAMPLE_RATE
from hoovik.media.stream import (
    MAX_GAP_S,
    SILENCE_S,
    MediaInfo,
    SoundPart,
    probe,
    stream_media,
)
from tests.unit.media.making import (
    Pictures,
    Sound,
    decoded,
    tones,
    write,
)
from tests.unit.media.playing import LOOK, SMOOTH, late_by, played


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
