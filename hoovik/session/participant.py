from collections import Counter, deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoovik.audio.vad import VoiceDetector
from hoovik.face.encoder import FaceReading
from hoovik.features.baseline import Baseline, Voices
from hoovik.layout import SEQ_LEN
from hoovik.schema.drop import Drop
from hoovik.schema.emotion import Profile
from hoovik.session.effects import EncodeAudio, EncodeFace, Predict, Request, Ticket
from hoovik.session.pacing import FramePacer
from hoovik.session.sight import CameraFrame, FaceStream
from hoovik.session.smoothing import Smoother
from hoovik.session.step import Outstanding, Question, Step, question_about
from hoovik.session.voice import VoiceStream
from hoovik.settings import Settings

LATE_S = 1.0
"""A step waits this long for one modality while the other arrives, then goes on without it; and so
do those after it at once, until the pool has answered in time."""

MOST_UNDER_WAY = 2

SPEAKER_WEIGHT = 2.0
"""Who speaks waits half as long for a turn as who only listens."""


class Participant:
    """Everything that one participant's results depend on.

    The features of one time step are under way at a time, and one question to the models: the
    features of the next step may come meanwhile. A pool that has let a step down is not asked again
    before it has answered, or its answer is overdue. That bounds what a participant can have queued
    anywhere, whatever the pools do.

    Attributes:
        live: the modalities that were live at the last step.
        told_live: those that the participant was told of last.
        drops: what led to nothing, by reason.
    """

    def __init__(
        self,
        participant_id: str,
        incarnation: int,
        settings: Settings,
        detector: VoiceDetector,
        voices: Voices | None = None,
    ) -> None:
        self.id = participant_id
        self.incarnation = incarnation
        self.mic_enabled = True
        self.camera_enabled = True
        self.voice = VoiceStream(settings.audio, settings.session, detector)
        self.baseline = None if voices is None else Baseline(voices)
        self.sight = FaceStream(settings.session)
        self.smoother = Smoother(settings.session)
        self.pacer = FramePacer(settings.session)
        self.live: Profile | None = None
        self.told_live: Profile | None = None
        self.drops: Counter[Drop] = Counter()
        self._nearest_s = settings.session.face_nearest_s
        self._steps: deque[Step] = deque(maxlen=SEQ_LEN)
        self._encoding: Step | None = None
        self._question: Question | None = None
        self._answer_s = settings.session.answer_s
        self._requests = Outstanding(LATE_S, self._answer_s)
        self._step_count = 0
        self._begun_s = float("-inf")
        self._has_matter = True

    def __getstate__(self) -> dict[str, Any]:
        # Answers will not follow to another process.
        requests = Outstanding(LATE_S, self._answer_s)
        return {**self.__dict__, "_encoding": None, "_question": None, "_requests": requests}

    @property
    def under_way(self) -> int:
        """Pieces of work under way: features of a step, a question; 0 to `MOST_UNDER_WAY`."""
        return (self._encoding is not None) + (self._question is not None)

    def set_mic(self, enabled: bool) -> None:
        """Follow the microphone button; switching off forgets what was heard."""
        if self.mic_enabled and not enabled:
            self.voice.clear()
            if self.baseline is not None:
                self.baseline.clear()
            self._requests.forget(Drop.AUDIO_LOST)
            for step in self._steps:
                step.audio = None
            self._abandon(
                encoding=self._encoding is not None and self._encoding.window is not None,
                question=self._question is not None and self._question.step.window is not None,
            )
        self.mic_enabled = enabled

    def set_camera(self, enabled: bool) -> None:
        """Follow the camera button; switching off forgets what was seen."""
        if self.camera_enabled and not enabled:
            self.drops[Drop.MODALITY_ENDED] += self.sight.clear()
            self._requests.forget(Drop.FACE_LOST)
            self._abandon(
                encoding=self._encoding is not None and self._encoding.frame is not None,
                question=self._question is not None and self._question.rests_on_face,
            )
        self.camera_enabled = enabled

    def _abandon(self, *, encoding: bool, question: bool) -> None:
        """Let go of what is under way; what is still answered to it finds nothing."""
        self.drops[Drop.MODALITY_ENDED] += encoding + question
        if encoding and self._encoding is not None:
            self._requests.forget(Drop.AUDIO_LOST, self._encoding)
            self._requests.forget(Drop.FACE_LOST, self._encoding)
            self._encoding = None
        if question:
            self._requests.forget(Drop.PREDICTION_LOST)
            self._question = None

    def see(self, frame: CameraFrame) -> None:
        """Take in a frame."""
        if self.camera_enabled:
            self.drops[Drop.FRAME_SPARE] += self.sight.push(frame)

    def due(self, now: float) -> bool:
        """Whether media arrive of which a step could be made."""
        return self._sound_arrives(now) or self._frames_arrive(now)

    def _sound_arrives(self, now: float) -> bool:
        return self.mic_enabled and self.voice.fresh(now)

    def _frames_arrive(self, now: float) -> bool:
        return self.camera_enabled and self.sight.arriving(now, self.pacer.fps)

    def _does_without(self, what: Drop, now: float) -> bool:
        """Whether there is another feature to go on with, of a pool that answers."""
        if what is Drop.AUDIO_LOST:
            return self._frames_arrive(now) and not self._requests.in_doubt(Drop.FACE_LOST)
        return self._sound_arrives(now) and not self._requests.in_doubt(Drop.AUDIO_LOST)

    def over(self) -> tuple[bool, bool]:
        """Of the step closed last, which is over: (whether it had something to read, was shed)."""
        if not self._steps:
            return False, False
        last = self._steps[-1]
        # Whether a step that never began held speech is not known: as the last one that did.
        due = last.due and self._has_matter
        shed = last.due and not last.begun
        self.drops[Drop.STEP_SHED] += shed
        return due, shed

    def give_up(self, now: float) -> int:
        """Give up the answers that are overdue; returns how many."""
        overdue = self._requests.overdue(now)
        for what, step in overdue:
            if what is Drop.PREDICTION_LOST:
                self._question = None
                self.drops[what] += 1
            elif what in step.waits_for:
                self._go_on_without(what, step)
        return len(overdue)

    def close_step(self, now: float) -> list[Request]:
        """Close the time step centred 0.3 s before `now`; `begin` asks for what belongs to it."""
        self._step_count += 1
        due = self.due(now)
        self._steps.append(Step(self._step_count, now, due))
        late = self._encoding
        if late is None and not due:
            self.live = None
        if late is not None and len(late.waits_for) == 1 and now - late.closed_s >= LATE_S:
            # One pool that hangs must not silence the other modality.
            (what,) = late.waits_for
            if self._does_without(what, now):
                self._go_on_without(what, late)
        return self._ask(now)

    def _go_on_without(self, what: Drop, step: Step) -> None:
        step.waits_for.remove(what)
        self.drops[what] += 1
        self._requests.doubt(what)

    def waits(self, now: float) -> bool:
        """Whether the step closed last could begin now."""
        open_step = bool(self._steps) and not self._steps[-1].begun
        return open_step and self._encoding is None and self.due(now)

    def patience_spent_s(self, now: float) -> float:
        """How long no step has begun; of a speaker it counts twice."""
        spent_s = min(now - self._begun_s, 1e6)
        return spent_s * (SPEAKER_WEIGHT if self.live is not None and self.live.has_audio else 1.0)

    def begin(self, now: float) -> list[Request]:
        """Begin the step closed last; one that had to wait is cut from the media of now."""
        step = self._steps[-1]
        step.begun, step.closed_s, self._begun_s = True, now, now
        step.window = self.voice.speech_window(now) if self.mic_enabled else None
        if self.camera_enabled and Drop.FACE_LOST not in self._requests:
            step.frame, spare = self.sight.choose(step.time_s)
            self.drops[Drop.FRAME_SPARE] += spare
        ticket = Ticket(self.id, self.incarnation, step.number)
        effects: dict[Drop, Request] = {}
        if step.window is not None and Drop.AUDIO_LOST not in self._requests:
            effects[Drop.AUDIO_LOST] = EncodeAudio(ticket, step.window.heard)
        if step.frame is not None:
            image, arrived_s = step.frame.image, step.frame.arrived_s
            effects[Drop.FACE_LOST] = EncodeFace(ticket, image, arrived_s, self.sight.track)
        for what in effects:
            self._requests.ask(what, step, now)
            # A pool in doubt is tried, and not waited for.
            if not (self._requests.in_doubt(what) and self._does_without(what, now)):
                step.waits_for.add(what)
        self._has_matter = bool(effects)
        self._encoding = step
        return [*effects.values(), *self._ask(now)]

    def audio_answered(
        self, number: int, embedding: NDArray[np.float32] | None, work_s: float, now: float
    ) -> list[Request] | None:
        """Take in the audio pool's answer, None where the worker was lost.

        A late one still serves the steps to come. Returns what to ask next; None: nobody waits for
        this answer any more.
        """
        step = self._requests.take(Drop.AUDIO_LOST, number, now)
        if step is None:
            return None
        if embedding is not None and self.baseline is not None:
            # Each step keeps the baseline of its own time, which hardly moves after a few seconds:
            # training and replay then need only go through the vectors once, in their order.
            clean = step.window is not None and not step.window.faults
            embedding = self.baseline.remove(embedding, learn=clean)
        step.audio = embedding
        return self._settle(Drop.AUDIO_LOST, step, work_s, now, lost=embedding is None)

    def face_answered(
        self, number: int, reading: FaceReading | None, work_s: float, now: float, *, lost: bool
    ) -> list[Request] | None:
        """Take in the face pool's answer, None where there is no face; returns as above."""
        step = self._requests.take(Drop.FACE_LOST, number, now)
        if step is None:
            return None
        if step.frame is not None and not lost:
            self.sight.answered(step.frame, reading)
        step.frame = None
        return self._settle(Drop.FACE_LOST, step, work_s, now, lost=lost)

    def _settle(
        self, what: Drop, step: Step, work_s: float, now: float, *, lost: bool
    ) -> list[Request]:
        if what not in step.waits_for:
            return []
        step.waits_for.remove(what)
        self.drops[what] += lost
        step.encode_s = max(step.encode_s, work_s)
        return self._ask(now)

    def _ask(self, now: float) -> list[Request]:
        """Ask the models, once all features have come and the last question is answered."""
        step = self._encoding
        if step is None or step.waits_for or self._question is not None:
            return []
        self._encoding = None
        face = self.camera_enabled and self.sight.live(step.closed_s, self.pacer.fps)
        self.live = Profile.of(audio=step.window is not None, face=face)
        if self.live is not None:
            self._question = question_about(
                step, self._steps, self.sight, self.live, self._nearest_s
            )
        if self._question is None:
            self.drops[Drop.NO_FEATURE] += self.live is not None
            return []
        self._requests.ask(Drop.PREDICTION_LOST, step, now)
        ticket = Ticket(self.id, self.incarnation, step.number)
        return [Predict(ticket, self._question.sequence)]

    def predicted(
        self, number: int, now: float, *, lost: bool
    ) -> tuple[Question, list[Request]] | None:
        """Take in the models' answer; returns (the question it is for, what to ask next).

        None: nobody waits for this answer any more.
        """
        question = self._question
        if question is None or not self._requests.take(Drop.PREDICTION_LOST, number, now):
            return None
        self._question = None
        self.drops[Drop.PREDICTION_LOST] += lost
        return question, self._ask(now)
