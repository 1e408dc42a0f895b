"""Clips through the session: what a client would be told of what it sends, in media time."""

import hashlib
from collections.abc import Callable, Iterable
from collections.abc import Sequence as Ordered
from dataclasses import dataclass, field
from itertools import islice
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hoovik.face.encoder import FaceReading, FaceTrack
from hoovik.face.image import decode_image
from hoovik.features.baseline import Voices
from hoovik.features.sequence import Sequence, SequenceBatch
from hoovik.layout import TICK_S
from hoovik.models.prediction import Prediction
from hoovik.schema.emotion import Profile
from hoovik.schema.outbound import Emotion, EmotionResult
from hoovik.schema.reason import FACE_FAULTS, VOICE_FAULTS, Reason
from hoovik.session.effects import Emit, EncodeAudio, EncodeFace, Predict, Request
from hoovik.session.playback import UNSAID, Answer, moments, play
from hoovik.session.room import Room
from hoovik.settings import SessionSettings, Settings
from training.evaluation.corrupting import NOTHING, Corruption, Sent, sent_of
from training.evaluation.prediction import CHUNK_TICKS, BundleModels
from training.evaluation.subjects import seeded
from training.evaluation.ticks import Subject
from training.extraction.encoders import Encoders, EncoderSource, loaded
from training.extraction.encoding import Reading

AT_ONCE = 64
"""Subjects side by side: encoders are fastest with many questions, and pictures fill the memory."""

WHO = "subject"

Told = dict[int, Emotion]
"""What is told of one subject, by the number of the tick since results count."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """Rooms with one participant each, their workers in this process.

    What has been encoded once is not encoded again, such as the voices of a profile in another.

    Attributes:
        models: of the bundle.
        encoders: that it was trained on.
        settings: of the service.
        how: clips are read.
        voices: from which participants' own baselines set out; each clip is a meeting's beginning.
    """

    models: BundleModels
    encoders: Encoders
    settings: Settings
    how: Reading
    voices: Voices | None = None
    _heard: dict[bytes, NDArray[np.float32]] = field(default_factory=dict)
    _seen: dict[tuple[bytes, FaceTrack | None], FaceReading | None] = field(default_factory=dict)

    @classmethod
    def of(
        cls, models: BundleModels, source: EncoderSource, how: Reading, voices: Voices | None = None
    ) -> Self:
        """Sessions as the service has them by default, with the encoders of a source."""
        settings = Settings(
            audio=source.audio,
            face=source.face,
            session=SessionSettings(),
            untrained=source.untrained,
        )
        return cls(models, loaded(source), settings, how, voices)

    def tell(self, subjects: Ordered[Subject], wrong: Corruption = NOTHING) -> list[Told]:
        """What clients are told of N subjects in whose media something is wrong."""
        told: list[Told] = []
        for start in range(0, len(subjects), AT_ONCE):
            told += self._side_by_side(
                [self._sent(subject, wrong) for subject in subjects[start : start + AT_ONCE]]
            )
        return told

    def _sent(self, subject: Subject, wrong: Corruption) -> Sent:
        def generator() -> np.random.Generator:
            return seeded(subject.clip, self.how.seed, "sent")

        return sent_of(subject, self.encoders.face, self.how, generator, wrong)

    def _side_by_side(self, sent: Ordered[Sent]) -> list[Told]:
        # The models are slow to begin with, and what they say changes nothing that a room asks:
        # it is played once to learn what they are asked, and again with what they say.
        asked: list[list[Sequence]] = [[] for _ in sent]

        def note(place: int, sequence: Sequence) -> Prediction:
            asked[place].append(sequence)
            return UNSAID

        self._play(sent, note)
        said = iter(self._say([sequence for own in asked for sequence in own]))
        answers = [iter(list(islice(said, len(own)))) for own in asked]
        return self._play(sent, lambda place, _sequence: next(answers[place]))

    def _play(self, sent: Ordered[Sent], say: Callable[[int, Sequence], Prediction]) -> list[Told]:
        plays = [
            play(
                Room("judged", self.settings, voices=self.voices),
                WHO,
                moments(one.sound, one.frames, TICK_S, one.first_sample),
            )
            for one in sent
        ]
        told: list[Told] = [{} for _ in sent]
        answers: dict[int, Answer] = dict.fromkeys(range(len(sent)))
        while answers:
            asked: dict[int, Request] = {}
            for place, answer in answers.items():
                try:
                    asked[place] = plays[place].send(answer)
                except StopIteration as end:
                    told[place] = _numbered(end.value, sent[place].counts_after_s)
            windows = {p: one.window for p, one in asked.items() if isinstance(one, EncodeAudio)}
            faces = {p: one for p, one in asked.items() if isinstance(one, EncodeFace)}
            heard = self._hear(list(windows.values()))
            seen = self._look([(one, sent[place]) for place, one in faces.items()])
            answers = {
                **dict(zip(windows, heard, strict=True)),
                **dict(zip(faces, seen, strict=True)),
                **{p: say(p, one.sequence) for p, one in asked.items() if isinstance(one, Predict)},
            }
        return told

    def _say(self, sequences: list[Sequence]) -> list[Prediction]:
        said: list[Prediction] = []
        for start in range(0, len(sequences), CHUNK_TICKS):
            batch = SequenceBatch.stack(sequences[start : start + CHUNK_TICKS])
            said += self.models.ensemble.predict(self.models.transform.apply(batch))
        return said

    def _hear(self, windows: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        by_digest = {_digest(window.tobytes()): window for window in windows}
        new = [digest for digest in by_digest if digest not in self._heard]
        if new:
            embeddings = self.encoders.audio.encode(np.stack([by_digest[one] for one in new]))
            self._heard.update(zip(new, embeddings, strict=True))
        return [self._heard[_digest(window.tobytes())] for window in windows]

    def _look(self, asked: list[tuple[EncodeFace, Sent]]) -> list[FaceReading | None]:
        encoder = self.encoders.face
        keys = [(_digest(one.image), one.track or sent.track) for one, sent in asked]
        new = {
            key: one.image
            for key, (one, _) in zip(keys, asked, strict=True)
            if key not in self._seen
        }
        sights = [
            (decode_image(data, self.settings.face, colour=encoder.colour), track)
            for (_, track), data in new.items()
        ]
        self._seen.update(zip(new, encoder.encode_all(sights), strict=True))
        readings = [self._seen[key] for key in keys]
        return [
            reading if reading is None or sent.changed is None else sent.changed(reading)
            for reading, (_, sent) in zip(readings, asked, strict=True)
        ]


def rests_on(one: Emotion, profile: Profile) -> bool:
    """Whether a result is of a profile, not of a part of it."""
    return one.modality is profile


def sets_aside(one: Emotion, profile: Profile) -> bool:
    """Whether a result leaves out a modality of a profile for what is wrong with it."""
    against: frozenset[Reason] = frozenset()
    if profile.has_audio and not one.modality.has_audio:
        against |= VOICE_FAULTS
    if profile.has_face and not one.modality.has_face:
        against |= FACE_FAULTS
    return not against.isdisjoint(one.anomaly_reasons)


def due(told: Told, profile: Profile) -> list[int]:
    """Ticks that count: those of the profile, and those that would be but for what is wrong."""
    return [
        number for number, one in told.items() if rests_on(one, profile) or sets_aside(one, profile)
    ]


def _numbered(emitted: Iterable[Emit], after_s: float) -> Told:
    return {
        number: emit.message.result
        for emit in emitted
        if isinstance(emit.message, EmotionResult)
        and (number := round((emit.message.ts - after_s) / TICK_S)) > 0
    }


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()
