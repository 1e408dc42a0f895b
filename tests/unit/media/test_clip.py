"""Media files as a client would send them, made here frame by frame."""

from io import BytesIO
from math import ceil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from hoovik.errors import MediaError
from hoovik.media.clip import Clip, read_clip
from tests.unit.media.making import Sound, decoded, film, number_of, write


@pytest.mark.parametrize("name", ["mira.mp4", "jonas.webm"])
def test_the_sample_files_have_36_seconds_of_sound_and_pictures(
    meeting_folder: Path, name: str
) -> None:
    clip = read_clip(meeting_folder / name, fps=5)
    assert clip.duration_s == pytest.approx(36, abs=0.1)
    assert clip.audio.size == pytest.approx(36 * 16_000, abs=1_600)
    assert clip.audio.dtype == np.float32
    assert 0.05 < np.abs(clip.audio).max() <= 1
    assert len(clip.frames) == 180
    assert [frame.time_s for frame in clip.frames] == pytest.approx([k / 5 for k in range(180)])
    assert decoded(clip.frames[0].jpeg).shape == (360, 640, 3)


def test_a_file_with_sound_only_has_no_frames(tmp_path: Path) -> None:
    t = np.arange(66_150) / 44_100
    both = np.column_stack([0.4 * np.sin(2 * np.pi * 440 * t), np.zeros(t.size)])
    soundfile.write(tmp_path / "tone.wav", both, 44_100)
    clip = read_clip(tmp_path / "tone.wav")
    assert clip.frames == ()
    assert clip.audio.size == pytest.approx(24_000, abs=2)
    assert clip.duration_s == pytest.approx(1.5, abs=0.001)
    spectrum = np.abs(np.fft.rfft(clip.audio[:16_000]))
    assert spectrum.argmax() == 440
    # Half of what one channel has, as the mean of both.
    assert np.abs(clip.audio[1_000:-1_000]).max() == pytest.approx(0.2, rel=0.05)


def test_a_file_with_pictures_only_has_no_sound(tmp_path: Path) -> None:
    write(tmp_path / "grey.mp4", film(2.0))
    clip = read_clip(tmp_path / "grey.mp4", fps=5)
    assert clip.audio.size == 0
    assert clip.audio.dtype == np.float32
    assert [frame.time_s for frame in clip.frames] == pytest.approx([k / 5 for k in range(10)])
    assert clip.duration_s == pytest.approx(2.0, abs=0.05)


def test_each_frame_is_the_first_picture_from_its_time_on(tmp_path: Path) -> None:
    write(tmp_path / "grey.mp4", film(2.0))
    for fps in (2, 5, 12.5):
        for frame in read_clip(tmp_path / "grey.mp4", fps=fps).frames:
            assert number_of(frame.jpeg) == ceil(frame.time_s * 25 - 1e-6)


def test_more_frames_than_there_are_cannot_be_had(tmp_path: Path) -> None:
    write(tmp_path / "grey.mp4", film(1.0, fps=10))
    assert len(read_clip(tmp_path / "grey.mp4", fps=60).frames) == 10


@pytest.mark.parametrize(
    ("size", "sent"),
    [((1280, 720), (640, 360)), ((320, 240), (320, 240)), ((360, 640), (202, 360))],
)
def test_frames_are_scaled_down_to_fit_and_keep_their_shape(
    tmp_path: Path, size: tuple[int, int], sent: tuple[int, int]
) -> None:
    write(tmp_path / "grey.mp4", film(0.2, size=size))
    (frame,) = read_clip(tmp_path / "grey.mp4", width=640, height=360).frames
    assert decoded(frame.jpeg).shape == (sent[1], sent[0], 3)


def test_sound_that_begins_late_stays_late(tmp_path: Path) -> None:
    sound = Sound(np.full(9_600, 0.5, np.float32), rate=16_000, late=lambda _: 0.4)
    clip = read_clip(write(tmp_path / "late.mkv", film(1.0), sound))
    assert clip.audio.size == pytest.approx(16_000, abs=32)
    heard = np.flatnonzero(clip.audio > 0.4)
    assert heard[0] == pytest.approx(6_400, abs=16)
    assert heard[-1] == pytest.approx(16_000, abs=32)


def test_an_open_file_is_read_as_its_path_is(meeting_folder: Path) -> None:
    path = meeting_folder / "mira.mp4"
    by_path = read_clip(path, fps=1)
    for source in (BytesIO(path.read_bytes()), path.open("rb")):
        with source:
            clip: Clip = read_clip(source, fps=1)
        assert np.array_equal(clip.audio, by_path.audio)
        assert clip.frames == by_path.frames


def test_a_replay_of_a_file_gives_the_same_bytes(meeting_folder: Path) -> None:
    first, second = (read_clip(meeting_folder / "jonas.webm", fps=1) for _ in range(2))
    assert np.array_equal(first.audio, second.audio)
    assert first.frames == second.frames


def test_a_clip_beyond_its_limit_is_refused(tmp_path: Path, meeting_folder: Path) -> None:
    with pytest.raises(MediaError, match="more than 30 s"):
        read_clip(meeting_folder / "mira.mp4", max_s=30)
    soundfile.write(tmp_path / "long.flac", np.zeros(3 * 16_000), 16_000)
    with pytest.raises(MediaError, match="more than 2 s"):
        read_clip(tmp_path / "long.flac", max_s=2)
    assert read_clip(tmp_path / "long.flac", max_s=3).duration_s == pytest.approx(3)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"this is no video\n" * 50, id="text"),
        pytest.param(bytes(range(256)) * 8, id="any bytes"),
    ],
)
def test_what_is_no_media_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "clip.mp4").write_bytes(content)
    for source in (tmp_path / "clip.mp4", BytesIO(content)):
        with pytest.raises(MediaError) as refusal:
            read_clip(source)
        assert refusal.value.code == "BAD_MEDIA"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"nothing\.mp4"):
        read_clip(tmp_path / "nothing.mp4")


def test_a_file_with_neither_sound_nor_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "words.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nGood morning.\n\n")
    with pytest.raises(MediaError, match="neither sound nor pictures"):
        read_clip(tmp_path / "words.srt")


def test_a_video_cut_off_is_a_shorter_clip_or_refused(meeting_folder: Path, tmp_path: Path) -> None:
    for name in ("mira.mp4", "jonas.webm"):
        content = (meeting_folder / name).read_bytes()
        (tmp_path / name).write_bytes(content[: len(content) // 4])
        try:
            clip = read_clip(tmp_path / name, fps=1)
        except MediaError:
            continue
        assert clip.duration_s < 30
        assert np.isfinite(clip.audio).all()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_sound_that_is_not_finite_is_refused(tmp_path: Path, value: float) -> None:
    samples = np.zeros(16_000)
    samples[8_000] = value
    soundfile.write(tmp_path / "damaged.wav", samples, 16_000, subtype="FLOAT")
    with pytest.raises(MediaError, match="not finite"):
        read_clip(tmp_path / "damaged.wav")


def test_sound_over_full_scale_is_clipped(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "loud.wav", np.array([0.5, 3.0, -1e30]), 16_000, subtype="FLOAT")
    assert read_clip(tmp_path / "loud.wav").audio.tolist() == [0.5, 1.0, -1.0]
