from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from hoovik.layout import SAMPLE_RATE
from hoovik_client.recording import CHUNK_SAMPLES, Recording

CHUNK_S = CHUNK_SAMPLES / SAMPLE_RATE

TURN_S = 3.0
"""How long somebody speaks at a stretch."""

ROOM_NOISE_RMS = 10 ** (-60 / 20)
"""An open microphone in a quiet room, at -60 dBFS."""


@dataclass(frozen=True)
class Media:
    """All that one participant sends, encoded beforehand, so that sending it costs next to nothing.

    The same arguments make the same bytes: two systems under the same load hear and see the same.

    Attributes:
        speech, noise: chunks of 100 ms, float32 little-endian at 16 kHz; each over and over.
        frames: (time in seconds, JPEG) of a recording, ascending.
        frames_s: length of that recording.
        speaking: share of the time that the participant speaks, in turns of `TURN_S`.
        place: in the order of turns; participants of neighbouring places speak one after another.
    """

    speech: Sequence[bytes]
    noise: Sequence[bytes]
    frames: Sequence[tuple[float, bytes]]
    frames_s: float
    speaking: float
    place: int

    @classmethod
    def of(cls, recording: Recording, *, speaking: float, place: int) -> Self:
        """Media of a recording whose sound is speech from end to end.

        Raises:
            ValueError: a share that is not in (0, 1].
        """
        if not 0 < speaking <= 1:
            raise ValueError(f"a share of the time is above 0 and at most 1, got {speaking}")
        noise = np.random.default_rng(place).standard_normal(recording.audio.size, np.float32)
        return cls(
            _chunks(recording.audio),
            _chunks(noise * np.float32(ROOM_NOISE_RMS)),
            recording.frames,
            recording.duration_s,
            speaking,
            place,
        )

    def is_turn(self, at_s: float) -> bool:
        """Whether the participant speaks at a time."""
        return (at_s - self.place * TURN_S) % (TURN_S / self.speaking) < TURN_S

    def sound(self, number: int) -> bytes:
        """Chunk of a number, counted from 0."""
        chunks = self.speech if self.is_turn(number * CHUNK_S) else self.noise
        return chunks[number % len(chunks)]

    def image(self, at_s: float) -> bytes:
        """The recording's frame of a time: a faster camera shows the same one more than once."""
        place = int(at_s % self.frames_s / self.frames_s * len(self.frames))
        return self.frames[place][1]


def _chunks(audio: np.ndarray) -> list[bytes]:
    whole = audio[: audio.size // CHUNK_SAMPLES * CHUNK_SAMPLES].astype("<f4")
    return [chunk.tobytes() for chunk in whole.reshape(-1, CHUNK_SAMPLES)]
