"""A recording as the inputs of a room, in media time: what a client would have sent, and when."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoovik.layout import SAMPLE_RATE

CHUNK_S = 0.1
CHUNK_SAMPLES = SAMPLE_RATE // 10


@dataclass(frozen=True, slots=True)
class Sound:
    """100 ms of sound, at the time when its last sample is known; (n,) float32 at 16 kHz."""

    time_s: float
    samples: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Image:
    """One encoded frame."""

    time_s: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Tick:
    """The end of a time step."""

    time_s: float


Moment = Sound | Image | Tick


def moments(
    audio: NDArray[np.float32], frames: Iterable[tuple[float, bytes]], tick_s: float
) -> Iterator[Moment]:
    """Moments of a recording in order of time; of equal ones the media come before the tick.

    Args:
        audio: (n,) float32 at 16 kHz, from time 0; may be empty.
        frames: (time in seconds, encoded image), ascending.
        tick_s: length of a time step.
    """
    media: list[Moment] = [
        Sound((start + CHUNK_SAMPLES) / SAMPLE_RATE, audio[start : start + CHUNK_SAMPLES])
        for start in range(0, audio.size - CHUNK_SAMPLES + 1, CHUNK_SAMPLES)
    ]
    media += [Image(time_s, data) for time_s, data in frames]
    last_s = max((moment.time_s for moment in media), default=0.0)
    # Multiples of the step, not a running sum: a sum drifts past the chunk that ends with it.
    ticks = [Tick(round(k * tick_s, 9)) for k in range(1, int(last_s / tick_s + 1e-6) + 1)]
    yield from sorted(
        [*media, *ticks], key=lambda moment: (moment.time_s, isinstance(moment, Tick))
    )
