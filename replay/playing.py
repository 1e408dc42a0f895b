"""A chunk through the room and the workers of the live service, in media time.

A room asks for one thing at a time, and models are fastest with many. So a chunk is played twice:
once to learn which windows it asks for, and, when those are encoded, again to learn which
sequences. Nothing that is answered changes what a room asks for next, and a room costs next to
nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from actors.workers import FaceAnswer, FaceRequest
from hoovik.face.encoder import FaceReading
from hoovik.features.baseline import Baseline, Voices
from hoovik.features.batch import FeatureBatch
from hoovik.features.sequence import Sequence
from hoovik.layout import AUDIO_DIM, SAMPLE_RATE
from hoovik.media.meeting import ClientState
from hoovik.models.prediction import Prediction
from hoovik.schema.emotion import EMOTIONS
from hoovik.schema.outbound import EmotionResult
from hoovik.schema.reason import Reason, is_unfit, reasons_of
from hoovik.session.effects import EncodeAudio, EncodeFace, Request
from hoovik.session.playback import UNSAID, Answer, Image, Sound, answered, settle
from hoovik.session.room import Lost, Room
from hoovik.settings import Settings
from replay.cells import cell_of
from replay.chunk import Change, Chunk, RawResults
from replay.course import course_of

Embedding = NDArray[np.float32]
Sight = FaceReading | Lost | None
Question = TypeVar("Question")
Told = TypeVar("Told")

WHO = "participant"
UNHEARD = np.zeros(AUDIO_DIM, np.float32)


class BatchWorkers(Protocol):
    """The four workers of the service, asked for many answers at once."""

    def encode_audio(self, windows: list[NDArray[np.float32]]) -> list[Embedding]:
        """Embeddings (1024,) of windows (context_samples,)."""
        ...

    def encode_face(self, request: FaceRequest) -> FaceAnswer:
        """Face in an image; the next request depends on it."""
        ...

    def engineer(self, sequences: list[Sequence]) -> list[FeatureBatch]:
        """Columns of sequences."""
        ...

    def predict(self, features: list[FeatureBatch]) -> list[Prediction]:
        """Answers of the models."""
        ...


def play_chunk(
    chunk: Chunk, settings: Settings, workers: BatchWorkers, voices: Voices | None = None
) -> RawResults:
    """What the models say at each time step of a chunk's cells that has a result.

    Args:
        chunk: with its lead.
        settings: of rooms.
        workers: encoders and models.
        voices: from which the participant's own baseline sets out; None: there is none.
    """
    faces = _Faces(workers)
    asked = _perform(chunk, settings, faces.look, lambda: UNHEARD)
    told = _by_cell(asked.windows, workers.encode_audio)
    if voices is not None:
        told = without_persons([at_s for at_s, _ in asked.windows], told, voices)
    embeddings = iter(told)
    again = iter(faces.seen)
    asked = _perform(chunk, settings, lambda _request: next(again), embeddings.__next__)
    first = sum(at_s <= chunk.start_s for at_s, _ in asked.sequences)
    wanted = asked.sequences[first:]
    said = _by_cell(wanted, lambda sequences: workers.predict(workers.engineer(sequences)))
    profiles = tuple(sequence.profile for _, sequence in wanted)
    alpha = settings.session.anomaly_alpha
    reasons = tuple(
        reasons_of(faults, profile, unusual=one.anomaly_score < alpha)
        for faults, profile, one in zip(asked.faults[first:], profiles, said, strict=True)
    )
    return RawResults(
        time_s=np.array([at_s for at_s, _ in wanted], np.float64),
        probs=np.array([one.probs for one in said], np.float32).reshape(-1, len(EMOTIONS)),
        profile=profiles,
        anomaly=np.array(list(map(is_unfit, reasons, profiles)), bool),
        reasons=reasons,
        anomaly_score=np.array([one.anomaly_score for one in said], np.float32),
        least=np.array([one.least for one in said], np.float32),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a room asked for, and when; of each sequence what rules find wrong with its media."""

    windows: list[tuple[float, NDArray[np.float32]]] = field(default_factory=list)
    sequences: list[tuple[float, Sequence]] = field(default_factory=list)
    faults: list[list[Reason]] = field(default_factory=list)


class _Faces:
    """Encodes faces as they are asked for, each cell's first one without a track."""

    def __init__(self, workers: BatchWorkers) -> None:
        self._workers = workers
        self._cell = -1
        self.seen: list[Sight] = []

    def look(self, effect: EncodeFace) -> Sight:
        cell = cell_of(effect.arrived_s)
        track = effect.track if cell == self._cell else None
        self._cell = cell
        answer = self._workers.encode_face(FaceRequest(effect.image, track))
        fault = answer.fault
        self.seen.append(answer.reading if fault is None else Lost(fault.code, fault.message))
        return self.seen[-1]


def _perform(
    chunk: Chunk,
    settings: Settings,
    look: Callable[[EncodeFace], Sight],
    hear: Callable[[], Embedding],
) -> _Asked:
    """Play a chunk through a room, every answer brought in before the next input."""
    room, state, asked = Room("replay", settings), ClientState(present=False), _Asked()

    def answer(request: Request) -> Answer:
        if isinstance(request, EncodeAudio):
            asked.windows.append((now_s, request.window))
            return hear()
        if isinstance(request, EncodeFace):
            return look(request)
        asked.sequences.append((now_s, request.sequence))
        return UNSAID

    for number, moment in enumerate(course_of(chunk, settings.session.tick_s)):
        now_s = moment.time_s
        if isinstance(moment, Change):
            _follow(room, state, moment.state, now_s)
            state = moment.state
        elif isinstance(moment, Sound):
            if state.present:
                room.audio(WHO, moment.samples, SAMPLE_RATE, number, now_s)
        elif isinstance(moment, Image):
            if state.present:
                room.frame(WHO, moment.data, number, now_s)
        else:
            for effect in answered(settle(room, room.tick(now_s), now_s), answer):
                if isinstance(effect.message, EmotionResult):
                    asked.faults.append(effect.message.result.anomaly_reasons)
    return asked


def _follow(room: Room, before: ClientState, after: ClientState, now_s: float) -> None:
    if not after.present:
        room.leave(WHO)
        return
    if not before.present:
        room.join(WHO, now_s)
    room.media_state(WHO, mic_enabled=after.microphone, camera_enabled=after.camera)


def without_persons(times_s: list[float], told: list[Embedding], voices: Voices) -> list[Embedding]:
    """Embeddings by their times without what is only that person's, learned in two cells each."""
    left: list[Embedding] = []
    before: tuple[int, list[Embedding]] = -1, []
    for cell, group in groupby(zip(times_s, told, strict=True), key=lambda one: cell_of(one[0])):
        own = [one for _, one in group]
        baseline = Baseline(voices)
        for one in before[1] if before[0] == cell - 1 else ():
            baseline.remove(one)
        left += [baseline.remove(one) for one in own]
        before = cell, own
    return left


def _by_cell(
    asked: list[tuple[float, Question]], answer: Callable[[list[Question]], list[Told]]
) -> list[Told]:
    """Answers to what was asked at some times, in batches of one cell."""
    answers: list[Told] = []
    for _, batch in groupby(asked, key=lambda one: cell_of(one[0])):
        answers += answer([question for _, question in batch])
    return answers
