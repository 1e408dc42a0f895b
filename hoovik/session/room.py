from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoovik.audio.vad import VoiceDetector
from hoovik.errors import CapacityError, NotJoinedError
from hoovik.face.encoder import FaceReading
from hoovik.models.prediction import Prediction
from hoovik.schema.drop import Drop
from hoovik.schema.outbound import Backpressure, EmotionError, EmotionResult
from hoovik.session.congestion import Congestion
from hoovik.session.effects import Effect, Emit, Ticket
from hoovik.session.participant import MOST_UNDER_WAY, Participant
from hoovik.session.result import emotion_result
from hoovik.session.sight import Picture
from hoovik.session.status import server_status
from hoovik.session.step import Question
from hoovik.settings import Settings
from hoovik.telemetry.measures import ANOMALIES, LATENCY, RESULTS, Stage
from hoovik.telemetry.meter import Meter


@dataclass(frozen=True, slots=True)
class Lost:
    """An answer that never came, or came as a fault: the error code and words for the client."""

    code: str
    message: str


class Room:
    """One meeting: its participants, its clock, and every rule about when a result is given.

    Times are seconds on any one clock; each call passes its own. Every input returns the effects
    to perform, in order.

    Attributes:
        id: its name.
        meter: counts its results, and where their time went.
    """

    def __init__(self, room_id: str, settings: Settings) -> None:
        self.id = room_id
        self._settings = settings
        self._detector = VoiceDetector(settings.audio.vad_aggressiveness, settings.audio.min_speech)
        self._participants: dict[str, Participant] = {}
        self._incarnations = 0
        self._departed: Counter[Drop] = Counter()
        self._congestion = Congestion(settings.session.tick_s / 3)
        self.meter = Meter()

    @property
    def participant_ids(self) -> tuple[str, ...]:
        """Who is in the room."""
        return tuple(self._participants)

    @property
    def strain(self) -> float:
        """Share of the participants' steps that lately could not begin for want of capacity."""
        return self._congestion.strain

    @property
    def queueing(self) -> float:
        """How long the steps of this room queued lately, by how long they may."""
        return self._congestion.queueing

    @property
    def drops(self) -> Counter[Drop]:
        """What led to nothing, by reason, over the life of the room."""
        return sum((p.drops for p in self._participants.values()), start=self._departed)

    def join(self, participant_id: str, now: float) -> list[Effect]:
        """Let a participant in; joining again starts anew. Raises CapacityError."""
        limit = self._settings.room.max_participants
        if participant_id not in self._participants and len(self._participants) >= limit:
            raise CapacityError(f"the room has its {limit} participants already")
        self.leave(participant_id)
        self._incarnations += 1
        participant = Participant(
            participant_id, self._incarnations, self._settings, self._detector
        )
        self._participants[participant_id] = participant
        return [self._status(participant, now)]

    def leave(self, participant_id: str) -> list[Effect]:
        """Forget a participant; answers still under way are discarded when they come."""
        participant = self._participants.pop(participant_id, None)
        if participant is not None:
            self._departed += participant.drops
        return []

    def media_state(
        self, participant_id: str, *, mic_enabled: bool, camera_enabled: bool
    ) -> list[Effect]:
        """Follow a participant's buttons."""
        participant = self._present(participant_id)
        participant.set_mic(mic_enabled)
        participant.set_camera(camera_enabled)
        return []

    def audio(
        self,
        participant_id: str,
        samples: NDArray[np.float32],
        source_hz: int,
        sequence_number: int,
        now: float,
    ) -> None:
        """Take in (n,) float32 mono samples; ignored while the microphone is off."""
        participant = self._present(participant_id)
        if participant.mic_enabled:
            participant.voice.push(samples, source_hz, sequence_number, now)

    def frame(self, participant_id: str, image: bytes, sequence_number: int, now: float) -> None:
        """Take in one encoded image; ignored while the camera is off."""
        self._present(participant_id).see(Picture(image, sequence_number, now))

    def surplus(self, participant_id: str, frames: int) -> None:
        """Note frames that were dropped on their way here, as they came faster than asked for."""
        participant = self._present(participant_id)
        participant.drops[Drop.FRAME_SURPLUS] += frames
        participant.pacer.overrun(frames)

    def tick(self, now: float) -> list[Effect]:
        """Close one time step of every participant, and begin as many as may be under way."""
        effects: list[Effect] = []
        participants = self._participants.values()
        for participant in participants:
            effects += self._follow(participant, participant.close_step(now), now)
            change = participant.pacer.adjust(now)
            if change is not None:
                depth, fps = change
                pressure = Backpressure(queue_depth=depth, suggested_fps=fps, ts=now)
                effects.append(Emit(participant.id, pressure))
        self._congestion.adjust([participant.kept_waiting for participant in participants])
        return effects + self.catch_up(now)

    def catch_up(self, now: float) -> list[Effect]:
        """Begin the steps that could not begin with their tick, the longest waiting first."""
        participants = self._participants.values()
        under_way = sum(participant.under_way for participant in participants)
        limit = self._congestion.limit(MOST_UNDER_WAY * len(participants))
        waiting = [participant for participant in participants if participant.waits(now)]
        waiting.sort(key=lambda participant: -participant.patience_spent_s(now))
        effects: list[Effect] = []
        for participant in waiting:
            if under_way >= limit:
                break
            before = participant.under_way
            effects += self._follow(participant, participant.begin(now), now)
            under_way += participant.under_way - before
        return effects

    def audio_encoded(
        self, ticket: Ticket, answer: NDArray[np.float32] | Lost, now: float, *, work_s: float = 0.0
    ) -> list[Effect]:
        """Take in an embedding (1024,) float32, or its loss, and how long it was computed."""
        participant = self._working(ticket)
        if participant is None:
            return []
        embedding = None if isinstance(answer, Lost) else answer
        requests = participant.audio_answered(ticket.number, embedding, work_s)
        return self._follow(participant, requests, now) + _report(participant, answer, now)

    def face_encoded(
        self,
        ticket: Ticket,
        answer: FaceReading | None | Lost,
        now: float,
        *,
        work_s: float = 0.0,
        depth: int = 0,
        each_s: float = 0.0,
    ) -> list[Effect]:
        """Take in a face (None where there is none), or its loss, and how long it was computed.

        `depth` requests wait in the pool, each of which takes `each_s`.
        """
        participant = self._working(ticket)
        if participant is None:
            return []
        participant.pacer.observe(depth, each_s)
        lost = isinstance(answer, Lost)
        reading = None if isinstance(answer, Lost) else answer
        requests = participant.face_answered(ticket.number, reading, work_s, lost=lost)
        return self._follow(participant, requests, now) + _report(participant, answer, now)

    def predicted(
        self,
        ticket: Ticket,
        answer: Prediction | Lost,
        now: float,
        *,
        work_s: float = 0.0,
        shared: float | None = None,
    ) -> list[Effect]:
        """Take in the models' answer, or its loss, and how long it was computed.

        `shared` is the queueing of all rooms, where that is known.
        """
        participant = self._working(ticket)
        if participant is None:
            return []
        question, requests = participant.predicted(ticket.number, lost=isinstance(answer, Lost))
        effects = self._follow(participant, requests, now)
        if question is not None and isinstance(answer, Prediction):
            queued_s = self._measure(question, answer, now, work_s)
            self._congestion.observe(queued_s, question.step.encode_s + work_s, shared)
            effects.append(
                Emit(participant.id, self._result(participant, question, answer, now), True)
            )
        return effects + _report(participant, answer, now)

    def _follow(
        self, participant: Participant, requests: Sequence[Effect], now: float
    ) -> list[Effect]:
        """Requests of a participant, and word of its live modalities where they have changed."""
        if participant.live is participant.told_live:
            return [*requests]
        participant.told_live = participant.live
        return [*requests, self._status(participant, now)]

    def _status(self, participant: Participant, now: float) -> Emit:
        status = server_status(self._settings, self.id, participant.id, participant.live, now)
        return Emit(participant.id, status)

    def _result(
        self, participant: Participant, question: Question, prediction: Prediction, now: float
    ) -> EmotionResult:
        return emotion_result(
            participant.id,
            prediction,
            question.sequence.profile,
            participant.smoother,
            window=question.window,
            frame=question.sighting,
            newest_s=question.newest_s,
            now=now,
            ts=now,
            untrained=self._settings.untrained,
        )

    def _measure(
        self, question: Question, prediction: Prediction, now: float, work_s: float
    ) -> float:
        """Count a result, cut the time since its newest sample into stages; returns what queued."""
        self.meter.count(RESULTS)
        self.meter.count(ANOMALIES, by=int(prediction.anomaly))
        step = question.step
        spent_s = {
            Stage.CLOCK: step.closed_s - question.newest_s,
            Stage.ENCODE: step.encode_s,
            Stage.PREDICT: work_s,
        }
        spent_s[Stage.QUEUE] = now - question.newest_s - sum(spent_s.values())
        for stage, value_s in spent_s.items():
            self.meter.observe(LATENCY, question.sequence.profile, stage, value=1000 * value_s)
        return spent_s[Stage.QUEUE]

    def _present(self, participant_id: str) -> Participant:
        participant = self._participants.get(participant_id)
        if participant is None:
            raise NotJoinedError(f"participant {participant_id!r} is not in this room")
        return participant

    def _working(self, ticket: Ticket) -> Participant | None:
        participant = self._participants.get(ticket.participant_id)
        if participant is None or participant.incarnation != ticket.incarnation:
            return None
        return participant


def _report(participant: Participant, answer: object, now: float) -> list[Effect]:
    if not isinstance(answer, Lost):
        return []
    error = EmotionError(
        code=answer.code, message=answer.message, participant_id=participant.id, lost=1, ts=now
    )
    return [Emit(participant.id, error)]
