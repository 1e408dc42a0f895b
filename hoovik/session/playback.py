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
    media: list[Moment] = [*sounds(audio), *(Image(time_s, data) for time_s, data in frames)]
    last_s = max((moment.time_s for moment in media), default=0.0)
    ticks = [Tick(time_s) for time_s in tick_times(tick_s, until_s=last_s)]
    yield from sorted(
        [*media, *ticks], key=lambda moment: (moment.time_s, isinstance(moment, Tick))
    )


def sounds(audio: NDArray[np.float32], first_sample: int = 0) -> Iterator[Sound]:
    """Sound in chunks of 100 ms, the rest that fills none left out.

    Args:
        audio: (n,) float32 at 16 kHz.
        first_sample: place of its first sample in the recording.
    """
    for start in range(0, audio.size - CHUNK_SAMPLES + 1, CHUNK_SAMPLES):
        known_s = (first_sample + start + CHUNK_SAMPLES) / SAMPLE_RATE
        yield Sound(known_s, audio[start : start + CHUNK_SAMPLES])


def tick_times(
    tick_s: float, *, until_s: float, after_s: float = 0.0, offset_s: float = 0.0
) -> list[float]:
    """Ends of the time steps of a recording in after_s < time <= until_s.

    Args:
        tick_s: length of a step.
        until_s: on the recording's clock.
        after_s: on the recording's clock.
        offset_s: of the recording on the clock that the steps follow.
    """
    first = int((after_s + offset_s) / tick_s + 1e-6) + 1
    last = int((until_s + offset_s) / tick_s + 1e-6)
    # Multiples of the step, not a running sum: a sum drifts past the chunk that ends with it.
    return [round(number * tick_s - offset_s, 9) for number in range(first, last + 1)]
