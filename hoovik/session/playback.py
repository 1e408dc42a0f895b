"""A recording as the inputs of a room, in media time: what a client would have sent, and when."""

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoovik.face.encoder import FaceReading
from hoovik.layout import SAMPLE_RATE
from hoovik.models.prediction import Prediction
from hoovik.schema.emotion import EMOTIONS
from hoovik.session.effects import Effect, Emit, EncodeAudio, EncodeFace, Request
from hoovik.session.room import Lost, Room

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

Answer = NDArray[np.float32] | FaceReading | Prediction | Lost | None
"""What a request is answered with: an embedding, a face or that there is none, what models say."""


UNSAID = Prediction(np.full(len(EMOTIONS), 1 / len(EMOTIONS), np.float32), 1.0, 1.0)
"""Stands for what the models say, where a room is played to learn what it asks them."""


def moments(
    audio: NDArray[np.float32],
    frames: Iterable[tuple[float, bytes]],
    tick_s: float,
    first_sample: int = 0,
) -> Iterator[Moment]:
    """Moments of a recording in order of time; of equal ones the media come before the tick.

    Args:
        audio: (n,) float32 at 16 kHz; may be empty.
        frames: (time in seconds, encoded image), ascending.
        tick_s: length of a time step.
        first_sample: place of the sound in the recording.
    """
    media: list[Moment] = [
        *sounds(audio, first_sample),
        *(Image(time_s, data) for time_s, data in frames),
    ]
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


def settle(
    room: Room, effects: Iterable[Effect], now_s: float
) -> Generator[Request, Answer, list[Emit]]:
    """Bring in the answers to what a room asks, and to what it asks then, until it asks no more.

    Yields each request, is sent its answer, and returns what participants are told.

    Args:
        room: that asks.
        effects: of an input.
        now_s: when all the answers come.
    """
    waiting, told = [*effects], []
    while waiting:
        effect = waiting.pop(0)
        if isinstance(effect, Emit):
            told.append(effect)
            continue
        answer = yield effect
        # Whoever answers knows what was asked.
        if isinstance(effect, EncodeAudio):
            waiting.extend(room.audio_encoded(effect.ticket, answer, now_s))  # type: ignore[arg-type]
        elif isinstance(effect, EncodeFace):
            waiting.extend(room.face_encoded(effect.ticket, answer, now_s))  # type: ignore[arg-type]
        else:
            waiting.extend(room.predicted(effect.ticket, answer, now_s))  # type: ignore[arg-type]
    return told


def play(
    room: Room, participant_id: str, recording: Iterable[Moment]
) -> Generator[Request, Answer, list[Emit]]:
    """A recording through a room, every answer brought in before the next input; as `settle`.

    Many recordings can be played side by side, so that what they ask is answered at once.

    Args:
        room: that nobody else is in.
        participant_id: who sends the recording.
        recording: in order of time.
    """
    told = yield from settle(room, room.join(participant_id, 0.0), 0.0)
    for number, moment in enumerate(recording):
        if isinstance(moment, Sound):
            room.audio(participant_id, moment.samples, SAMPLE_RATE, number, moment.time_s)
        elif isinstance(moment, Image):
            room.frame(participant_id, moment.data, number, moment.time_s)
        else:
            told += yield from settle(room, room.tick(moment.time_s), moment.time_s)
    return told


def answered(
    playing: Generator[Request, Answer, list[Emit]], answer: Callable[[Request], Answer]
) -> list[Emit]:
    """What participants are told where each request is answered as it is made."""
    try:
        request = next(playing)
        while True:
            request = playing.send(answer(request))
    except StopIteration as end:
        return list(end.value)
