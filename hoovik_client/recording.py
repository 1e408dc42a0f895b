from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hoovik.schema.action import Action

SAMPLE_RATE = 16_000
CHUNK_SAMPLES = 1_600
JPEG_QUALITY = 80

Step = Action | bytes | NDArray[np.float32]
"""What a client does at one moment: press a button, send an image, or send 100 ms of sound."""


@dataclass(frozen=True)
class Recording:
    """What one participant shows, says and does.

    Attributes:
        audio: (n,) float32 at 16 kHz.
        frames: (time in seconds, encoded image), ascending.
        duration_s: after this it starts over.
        script: (time in seconds, action), ascending.
    """

    audio: NDArray[np.float32]
    frames: Sequence[tuple[float, bytes]]
    duration_s: float
    script: Sequence[tuple[float, Action]] = field(default_factory=tuple)

    def steps(self, seconds: float) -> Iterator[tuple[float, Step]]:
        """(time in seconds, step) in order, over and over until `seconds` are filled."""
        starts = range(0, self.audio.size - CHUNK_SAMPLES + 1, CHUNK_SAMPLES)
        steps: list[tuple[float, int, Step]] = [
            *((at_s, 0, action) for at_s, action in self.script),
            *((at_s, 1, image) for at_s, image in self.frames),
            *(
                (
                    (start + CHUNK_SAMPLES) / SAMPLE_RATE,
                    2,
                    self.audio[start : start + CHUNK_SAMPLES],
                )
                for start in starts
            ),
        ]
        steps.sort(key=lambda step: step[:2])
        offset_s = 0.0
        while steps and offset_s < seconds:
            for at_s, _, step in steps:
                if at_s + offset_s >= seconds:
                    return
                yield at_s + offset_s, step
            offset_s += self.duration_s


def read_recording(path: str | PathLike[str], *, fps: float = 5.0) -> Recording:
    """A video or sound file, of any kind that FFmpeg reads; raises MediaError."""
    from hoovik.media.clip import read_clip

    clip = read_clip(Path(path), fps=fps)
    frames = tuple((frame.time_s, frame.jpeg) for frame in clip.frames)
    return Recording(clip.audio, frames, clip.duration_s)


def recording_of(
    audio: NDArray[np.float32] | None = None,
    *,
    sample_rate: int = SAMPLE_RATE,
    images: Iterable[NDArray[np.uint8]] = (),
    fps: float = 5.0,
) -> Recording:
    """Arrays as a recording.

    Args:
        audio: (n,) float32 in [-1, 1], mono.
        sample_rate: of `audio`, in Hz.
        images: (height, width, 3) uint8 each, RGB.
        fps: images a second.
    """
    import cv2
    import soxr

    sound = np.zeros(0, np.float32) if audio is None else audio.astype(np.float32)
    if sample_rate != SAMPLE_RATE:
        sound = soxr.resample(sound, sample_rate, SAMPLE_RATE)
    frames = []
    for number, image in enumerate(images):
        quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), quality)
        frames.append((number / fps, jpeg.tobytes()))
    return Recording(sound, tuple(frames), max(sound.size / SAMPLE_RATE, len(frames) / fps))
