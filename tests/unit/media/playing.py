"""What comes out of a media file, checked on its way."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from hoovik.errors import MediaError
from hoovik.layout import SAMPLE_RATE
from hoovik.media.stream import (
    ClipFrame,
    Look,
    SoundPart,
    stream_media,
)
from tests.unit.media.making import (
    TONE_S,
    number_of,
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
