"""A media file as a meeting client would send it: 16 kHz sound and JPEG frames at a fixed rate."""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from hoovik.errors import MediaError
from hoovik.layout import SAMPLE_RATE
from hoovik.media.stream import ClipFrame, Look, SoundPart, stream_media


@dataclass(frozen=True, slots=True)
class Clip:
    """What a file shows and says.

    Attributes:
        audio: (n,) float32 in [-1, 1] at 16 kHz from time 0; empty where the file has no sound.
        frames: at even distances; empty where the file has no pictures.
        duration_s: the longer of both, a frame lasting until the next one is due.
    """

    audio: NDArray[np.float32]
    frames: tuple[ClipFrame, ...]
    duration_s: float


def read_clip(
    source: Path | BinaryIO,
    *,
    fps: float = 5.0,
    width: int = 640,
    height: int = 360,
    jpeg_quality: int = 80,
    max_s: float | None = None,
) -> Clip:
    """Read the whole of a video or sound file, as `stream_media` does.

    Args:
        source: a path or an open file, any container and codec that FFmpeg knows.
        fps: see `Look`, as the next three.
        width: see `Look`.
        height: see `Look`.
        jpeg_quality: see `Look`.
        max_s: longer files are refused; None: any length.

    Raises:
        MediaError: not a media file, damaged, without sound and pictures, or too long.
    """
    sound: list[SoundPart] = []
    frames: list[ClipFrame] = []
    for part in stream_media(source, Look(fps, width, height, jpeg_quality)):
        if max_s is not None and part.time_s > max_s:
            raise MediaError(f"the clip lasts more than {max_s:g} s")
        if isinstance(part, ClipFrame):
            frames.append(part)
        else:
            sound.append(part)
    audio = np.concatenate([np.zeros(0, np.float32), *(part.samples for part in sound)])
    seen_s = frames[-1].time_s + 1 / fps if frames else 0.0
    return Clip(audio, tuple(frames), max(seen_s, audio.size / SAMPLE_RATE))
