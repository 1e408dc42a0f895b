"""Recordings as they should not be, and as they rarely are, out of the sample meeting's first seconds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from bench.load import SAMPLE_MEETING
from hoovik.layout import SAMPLE_RATE
from hoovik.media.clip import Clip, read_clip
from tests.unit.media.making import Pictures, Sound, decoded, film, write

SECONDS = 6.0
FOUR_K = (3840, 2160)


def make_odd_recordings(folder: Path) -> None:
    """Write all of them into a folder."""
    clip = read_clip(SAMPLE_MEETING / "mira.mp4", fps=5)
    _damaged(folder)
    _sounds(folder, clip.audio[: round(8 * SAMPLE_RATE)])
    _pictures(folder, clip)


def _damaged(folder: Path) -> None:
    (folder / "text.mp4").write_text("this is no video\n" * 50)
    (folder / "nothing.mp4").touch()
    for name, movflags in (("cut_front.mp4", "faststart"), ("cut_back.mp4", None)):
        tone = Sound(0.3 * np.ones(20 * 48_000, np.float32), codec="aac")
        whole = write(folder / name, film(20), tone, movflags=movflags).read_bytes()
        (folder / name).write_bytes(whole[: len(whole) // 2])


def _sounds(folder: Path, voice: NDArray[np.float32]) -> None:
    soundfile.write(folder / "silence.flac", np.zeros(48_000 * 7), 48_000)
    soundfile.write(folder / "8_khz.wav", soxr.resample(voice, SAMPLE_RATE, 8_000), 8_000)
    at_48 = soxr.resample(voice, SAMPLE_RATE, 48_000)
    soundfile.write(folder / "48_khz.wav", at_48, 48_000)
    centre = np.zeros((at_48.size, 6))
    centre[:, 2] = at_48  # where films have the voice
    soundfile.write(folder / "5_1.flac", centre, 48_000)


def _pictures(folder: Path, clip: Clip) -> None:
    faces = [decoded(frame.jpeg) for frame in clip.frames if frame.time_s < 2 * SECONDS]
    noise = np.random.default_rng(1).integers(0, 256, (30, 240, 320, 3), np.uint8)
    write(folder / "no_face.mp4", _film(list(noise), 5, (320, 240)))
    write(folder / "4k.mp4", _film(faces[: round(5 * SECONDS)], 5, FOUR_K))
    write(folder / "1_fps.mp4", _film(faces[::5], 1, (640, 360)))


def _film(pictures: Sequence[NDArray[Any]], fps: int, size: tuple[int, int]) -> Pictures:
    def paint(number: int, size: tuple[int, int]) -> NDArray[np.uint8]:
        rgb = cv2.cvtColor(cv2.resize(pictures[number], size), cv2.COLOR_BGR2RGB)
        return np.ascontiguousarray(rgb, np.uint8)

    times_s = [number / fps for number in range(len(pictures))]
    return Pictures(times_s, size=size, lasts_s=1 / fps, paint=paint)
