"""A room driven by hand: literal times, answers at once or held back."""

import numpy as np
from numpy.typing import NDArray

from hoovik.face.encoder import FaceReading, FaceTrack
from hoovik.layout import AUDIO_DIM, FACE_DIM
from hoovik.models.prediction import Prediction
from hoovik.schema.emotion import Profile
from hoovik.schema.outbound import Backpressure, EmotionResult
from hoovik.session.effects import Effect, Emit, EncodeAudio, EncodeFace, Predict
from hoovik.session.room import Room
from hoovik.settings import Settings

TRACK = FaceTrack(0.5, 0.5, 0.3, 0.0)
PROBS = np.array([0.6, 0.1, 0.1, 0.1, 0.05, 0.05], np.float32)


class Meeting:
    """Drives a room by hand: answers its questions at once unless told to hold them back."""

    def __init__(self, settings: Settings | None = None, *, source_hz: int = 16_000) -> None:
        self.room = Room("standup", settings or Settings())
        self.source_hz = source_hz
        self.now = 100.0
        self.emitted: list[Emit] = []
        self.held: list[Effect] = []
        self.hold: tuple[type, ...] = ()
        self.asked: list[Predict] = []
        self.sequence_number = 0
        self.has_face = True
        self.expression: NDArray[np.float32] | None = None
        self.voice = np.random.default_rng(0)

    def do(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Emit):
                self.emitted.append(effect)
            elif isinstance(effect, self.hold):
                self.held.append(effect)
            else:
                self.answer(effect)

    def release(self) -> None:
        """Answer everything that was held back."""
        held, self.held = self.held, []
        for effect in held:
            self.answer(effect)

    def answer(self, effect: Effect, *, depth: int = 0) -> None:
        if isinstance(effect, EncodeAudio):
            embedding = np.ones(AUDIO_DIM, np.float32)
            self.do(self.room.audio_encoded(effect.ticket, embedding, self.now))
        elif isinstance(effect, EncodeFace):
            seen = FaceReading(np.ones(FACE_DIM, np.float32), TRACK, self.expression)
            reading = seen if self.has_face else None
            self.do(
                self.room.face_encoded(effect.ticket, reading, self.now, depth=depth, each_s=0.1)
            )
        elif isinstance(effect, Predict):
            self.asked.append(effect)
            self.do(self.room.predicted(effect.ticket, Prediction(PROBS, 0.5, 0.1), self.now))

    def join(self, name: str = "ada") -> None:
        self.do(self.room.join(name, self.now))

    def say(self, name: str = "ada") -> None:
        """100 ms of something voiced: a harmonic tone that glides and swells, loud."""
        self.sequence_number += 1
        t = np.arange(self.source_hz // 10) / self.source_hz + self.now
        # A held one would be music, and one that never falls silent noise.
        cycles = 140 * t + 15 * np.sin(2 * np.pi * t)
        tone = sum(np.sin(2 * np.pi * k * cycles) / k for k in range(1, 12))
        samples = (0.2 * tone * (1 + np.sin(2 * np.pi * 5 * t))).astype(np.float32)
        self.room.audio(name, samples, self.source_hz, self.sequence_number, self.now)

    def show(self, name: str = "ada") -> None:
        self.sequence_number += 1
        self.room.frame(name, b"jpeg", self.sequence_number, self.now)

    def tick(self) -> None:
        self.do(self.room.tick(self.now))

    def run(self, seconds: float, *, sound: bool = True, sight: bool = True) -> None:
        """Let time pass in steps of 100 ms: chunks each step, frames every second, ticks every third."""
        for _ in range(round(seconds * 10)):
            self.now = round(self.now + 0.1, 6)
            step = round(self.now * 10)
            for name in self.room.participant_ids:
                if sound:
                    self.say(name)
                if sight and step % 2 == 0:
                    self.show(name)
            if step % 3 == 0:
                self.tick()

    @property
    def results(self) -> list[EmotionResult]:
        return [e.message for e in self.emitted if isinstance(e.message, EmotionResult)]

    @property
    def profiles(self) -> list[Profile]:
        return [result.result.modality for result in self.results]

    @property
    def pressures(self) -> list[Backpressure]:
        return [e.message for e in self.emitted if isinstance(e.message, Backpressure)]
