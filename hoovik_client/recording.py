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

Picture = bytes | NDArray[np.uint8]
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
    audio: NDArray[np.floating] | None = None,
    images: Iterable[Picture | tuple[float, Picture]] = (),
    *,
    sample_rate: int = SAMPLE_RATE,
    fps: float = 5.0,
) -> Recording:
    """Arrays as a recording.

    Args:
        audio: (n,) mono in [-1, 1]; None: no sound.
        images: RGB arrays (height, width, 3) uint8, or JPEGs and PNGs; `fps` of them a second, or
            each with its own time, (seconds, image), ascending.
        sample_rate: of `audio`, in Hz.
        fps: of images without a time; fewer are sent where the service asks for fewer.

    Raises:
        ValueError: neither sound nor images, or arrays of another shape or type.
    """
    sound = _sound(np.zeros(0, np.float32) if audio is None else np.asarray(audio), sample_rate)
    frames = tuple(
        (image[0], _encoded(image[1])) if isinstance(image, tuple) else (n / fps, _encoded(image))
        for n, image in enumerate(images)
    )
    if not sound.size and not frames:
        raise ValueError("a recording needs audio, or images, or both")
    shown_s = frames[-1][0] + 1 / fps if frames else 0.0
    return Recording(sound, frames, max(shown_s, sound.size / SAMPLE_RATE))


def _sound(audio: NDArray[np.floating], sample_rate: int) -> NDArray[np.float32]:
    if audio.ndim != 1 or not np.issubdtype(audio.dtype, np.floating):
        raise ValueError(f"audio has to be (n,) floats in [-1, 1], got {audio.shape} {audio.dtype}")
    import soxr

    sound: NDArray[np.float32] = soxr.resample(audio.astype(np.float32), sample_rate, SAMPLE_RATE)
    return sound


def _encoded(image: Picture) -> bytes:
    if isinstance(image, bytes):
        return image
    if image.ndim != 3 or image.shape[2] != 3 or not image.size or image.dtype != np.uint8:
        raise ValueError(f"an image has to be (h, w, 3) uint8, got {image.shape} {image.dtype}")
    import cv2

    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _, jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return jpeg.tobytes()
