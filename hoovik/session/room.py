from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoovik.audio.vad import VoiceDetector
from hoovik.errors import CapacityError, NotJoinedError
from hoovik.face.encoder import FaceReading
from hoovik.features.baseline import Voices
from hoovik.models.prediction import Prediction
from hoovik.schema.drop import Drop
from hoovik.schema.outbound import Backpressure, EmotionError, EmotionResult
from hoovik.session.congestion import Congestion
from hoovik.session.effects import Effect, Emit, Ticket
from hoovik.session.messages import emotion_result, server_status
from hoovik.session.participant import MOST_UNDER_WAY, Participant
from hoovik.session.sight import CameraFrame
from hoovik.session.step import Question
from hoovik.settings import Settings
from hoovik.telemetry.measures import Stage


@dataclass(frozen=True, slots=True)
class Lost:
    """An answer that never came, or came as a fault: the error code and words for the client."""

    code: str
    message: str


class Room:
    """One meeting: its participants, its clock, and every rule about when a result is given.

    Times are seconds on any one clock; each call passes its own. Every input returns the effects
    to perform, in order. A room can be pickled, and goes on elsewhere on a clock that shows the same
    times; what was under way is abandoned.

    Args:
        room_id: its name.
        settings: of the service.
        congestion: shared with the other rooms that are driven together; None: its own.
        voices: from which participants' own baselines set out; None: they have none.

    Attributes:
        id: its name.
        congestion: as above; one that was pickled has a new one of its own.
    """

    def __init__(
        self,
        room_id: str,
        settings: Settings,
        congestion: Congestion | None = None,
        voices: Voices | None = None,
    ) -> None:
        self.id = room_id
        self._settings = settings
        self._voices = voices if settings.session.baseline else None
        self._detector = VoiceDetector(settings.audio.vad_aggressiveness, settings.audio.min_speech)
        self._participants: dict[str, Participant] = {}
        self._incarnations = 0
        self._departed: Counter[Drop] = Counter()
        self.congestion = congestion or self._own_congestion()
        answer_s = settings.session.answer_s
        self._too_late = Lost("RESULT_LOST", f"no answer from a worker within {answer_s} s")

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "congestion": self._own_congestion()}

    def _own_congestion(self) -> Congestion:
        return Congestion(self._settings.session.tick_s / 3)

    @property
    def participant_ids(self) -> tuple[str, ...]:
        """Who is in the room."""
        return tuple(self._participants)

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
            participant_id, self._incarnations, self._settings, self._detector, self._voices
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
        self._present(participant_id).see(CameraFrame(image, sequence_number, now))

    def surplus(self, participant_id: str, frames: int) -> None:
        """Note frames that were dropped on their way here, as they came faster than asked for."""
        participant = self._present(participant_id)
        participant.drops[Drop.FRAME_SURPLUS] += frames
        participant.pacer.overrun(frames)

    def tick(self, now: float) -> list[Effect]:
        """Close one time step of every participant, and begin as many as may be under way."""
        effects = self.close_steps(now)
        self.congestion.adjust()
        return effects + self.catch_up(now)

    def close_steps(self, now: float) -> list[Effect]:
        """Close one time step of every participant, give up overdue answers, pace cameras."""
        effects: list[Effect] = []
        for participant in self._participants.values():
            due, shed = participant.over()
            self.congestion.stepped(due=due, shed=shed)
            for _ in range(participant.give_up(now)):
                self.congestion.overdue()
                effects += _report(participant, self._too_late, now)
            effects += self._follow(participant, participant.close_step(now), now)
            change = participant.pacer.adjust(now)
            if change is not None:
                depth, fps = change
                pressure = Backpressure(queue_depth=depth, suggested_fps=fps, ts=now)
                effects.append(Emit(participant.id, pressure))
        return effects

    def catch_up(self, now: float) -> list[Effect]:
        """Begin the steps that could not begin with their tick, the longest waiting first."""
        turns = in_turn(self.waiting(now), self.under_way, self.congestion.limit(self.most(now)))
        return [effect for turn in turns for effect in self.begin(turn, now)]

    def sending(self, now: float) -> int:
        """How many of its participants send something that could be read."""
        return sum(participant.due(now) for participant in self._participants.values())

    def most(self, now: float) -> int:
        """Pieces of work that those of its participants could have under way who send something."""
        return MOST_UNDER_WAY * self.sending(now)

    @property
    def under_way(self) -> int:
        """Pieces of work that they have."""
        return sum(participant.under_way for participant in self._participants.values())

    def waiting(self, now: float, weight: float = 1.0) -> list["Turn"]:
        """Steps that could begin now; those of a room of less weight wait longer for their turn."""
        return [
            Turn(self, participant, weight * participant.patience_spent_s(now))
            for participant in self._participants.values()
            if participant.waits(now)
        ]

    def begin(self, turn: "Turn", now: float) -> list[Effect]:
        """Begin a step whose turn has come."""
        return self._follow(turn.participant, turn.participant.begin(now), now)

    def audio_encoded(
        self, ticket: Ticket, answer: NDArray[np.float32] | Lost, now: float, *, work_s: float = 0.0
    ) -> list[Effect]:
        """Take in an embedding (1024,) float32, or its loss, and how long it was computed."""
        participant = self._working(ticket)
        if participant is None:
            return []
        embedding = None if isinstance(answer, Lost) else answer
        requests = participant.audio_answered(ticket.number, embedding, work_s, now)
        if requests is None:
            return []
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
        requests = participant.face_answered(ticket.number, reading, work_s, now, lost=lost)
        if requests is None:
            return []
        return self._follow(participant, requests, now) + _report(participant, answer, now)

    def predicted(
        self, ticket: Ticket, answer: Prediction | Lost, now: float, *, work_s: float = 0.0
    ) -> list[Effect]:
        """Take in the models' answer, or its loss, and how long it was computed."""
        participant = self._working(ticket)
        if participant is None:
            return []
        answered = participant.predicted(ticket.number, now, lost=isinstance(answer, Lost))
        if answered is None:
            return []
        question, requests = answered
        effects = self._follow(participant, requests, now)
        if isinstance(answer, Lost):
            return effects + _report(participant, answer, now)
        result = self._result(participant, question, answer, now)
        timings = question.timings(result.result.anomaly, now, work_s)
        queued_s = timings.spent_s[Stage.QUEUE]
        self.congestion.observe(queued_s, question.step.encode_s + work_s)
        return [*effects, Emit(participant.id, result, to_room=True, timings=timings)]

    def _follow(
        self, participant: Participant, requests: Sequence[Effect], now: float
    ) -> list[Effect]:
        """Requests of a participant, and word of its live modalities where they have changed."""
        if participant.live is participant.told_live:
            return [*requests]
        participant.told_live = participant.live
        return [*requests, self._status(participant, now)]

    def _status(self, participant: Participant, now: float) -> Emit:
        who, live, fps = participant.id, participant.live, participant.pacer.fps
        status = server_status(self._settings, self.id, who, live, now, fps=fps)
        return Emit(participant.id, status)

    def _result(
        self, participant: Participant, question: Question, prediction: Prediction, now: float
    ) -> EmotionResult:
        return emotion_result(
            participant.id,
            prediction,
            question.sequence.profile,
            participant.smoother,
            faults=question.faults,
            alpha=self._settings.session.anomaly_alpha,
            window=question.window,
            frame=question.sighting,
            newest_s=question.newest_s,
            now=now,
            ts=now,
            untrained=self._settings.untrained,
        )

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


@dataclass(frozen=True, slots=True)
class Turn:
    """A step that could begin, and how long it has waited for that."""

    room: Room
    participant: Participant
    patience_s: float


def in_turn(turns: Iterable[Turn], under_way: int, limit: int) -> Iterator[Turn]:
    """Steps of one room or of several, the longest waiting first, as many as may be under way.

    Each has to begin before the next one is asked for.

    Args:
        turns: all that could begin.
        under_way: pieces of work that are under way already.
        limit: how many may be.
    """
    for turn in sorted(turns, key=lambda turn: -turn.patience_s):
        if under_way >= limit:
            return
        before = turn.participant.under_way
        yield turn
        under_way += turn.participant.under_way - before


def _report(participant: Participant, answer: object, now: float) -> list[Effect]:
    if not isinstance(answer, Lost):
        return []
    error = EmotionError(
        code=answer.code, message=answer.message, participant_id=participant.id, lost=1, ts=now
    )
    return [Emit(participant.id, error)]
