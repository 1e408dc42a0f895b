from collections import Counter, deque
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoovik.audio.vad import VoiceDetector
from hoovik.face.encoder import FaceReading
from hoovik.features.sequence import build_sequence
from hoovik.layout import SEQ_LEN
from hoovik.schema.drop import Drop
from hoovik.schema.emotion import Profile
from hoovik.session.effects import EncodeAudio, EncodeFace, Predict, Ticket
from hoovik.session.pacing import FramePacer
from hoovik.session.sight import FaceStream, Picture
from hoovik.session.smoothing import Smoother
from hoovik.session.step import Asked, Question, Step
from hoovik.session.voice import VoiceStream
from hoovik.settings import Settings

Request = EncodeAudio | EncodeFace | Predict

LATE_S = 1.0
"""A step waits this long for its slower modality, then goes on without it; and so do those after it
at once, until the pool has answered."""

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
        self, participant_id: str, incarnation: int, settings: Settings, detector: VoiceDetector
    ) -> None:
        self.id = participant_id
        self.incarnation = incarnation
        self.mic_enabled = True
        self.camera_enabled = True
        self.voice = VoiceStream(settings.audio, settings.session, detector)
        self.sight = FaceStream(settings.session)
        self.smoother = Smoother(settings.session)
        self.pacer = FramePacer(settings.session)
        self.live: Profile | None = None
        self.told_live: Profile | None = None
        self.drops: Counter[Drop] = Counter()
        self._nearest_s = settings.session.face_nearest_s
        self._answer_s = settings.session.answer_s
        self._steps: deque[Step] = deque(maxlen=SEQ_LEN)
        self._encoding: Step | None = None
        self._question: Question | None = None
        # By what would be lost.
        self._asked: dict[Drop, Asked] = {}
        self._step_count = 0
        self._begun_s = float("-inf")
        self._has_matter = True

    def __getstate__(self) -> dict[str, Any]:
        # Answers will not follow to another process.
        return {**self.__dict__, "_encoding": None, "_question": None, "_asked": {}}

    @property
    def under_way(self) -> int:
        """Pieces of work under way: features of a step, a question; 0 to `MOST_UNDER_WAY`."""
        return (self._encoding is not None) + (self._question is not None)

    def set_mic(self, enabled: bool) -> None:
        """Follow the microphone button; switching off forgets what was heard."""
        if self.mic_enabled and not enabled:
            self.voice.clear()
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
            self._abandon(
                encoding=self._encoding is not None and self._encoding.picture is not None,
                question=self._question is not None and self._question.rests_on_face,
            )
        self.camera_enabled = enabled

    def _abandon(self, *, encoding: bool, question: bool) -> None:
        """Let go of what is under way; what is still answered to it finds nothing."""
        self.drops[Drop.MODALITY_ENDED] += encoding + question
        if encoding and self._encoding is not None:
            number, self._encoding = self._encoding.number, None
            for what in (Drop.AUDIO_LOST, Drop.FACE_LOST):
                self._take(what, number)
        if question:
            self._question = None
            del self._asked[Drop.PREDICTION_LOST]

    def see(self, picture: Picture) -> None:
        """Take in a frame."""
        if self.camera_enabled:
            self.drops[Drop.FRAME_SPARE] += self.sight.push(picture)

    def due(self, now: float) -> bool:
        """Whether media arrive of which a step could be made."""
        return (self.mic_enabled and self.voice.fresh(now)) or (
            self.camera_enabled and self.sight.arriving(now, self.pacer.fps)
        )

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
        overdue = [
            (what, asked.number)
            for what, asked in self._asked.items()
            if now - asked.asked_s > self._answer_s
        ]
        for what, number in overdue:
            self._take(what, number)
            if what is Drop.PREDICTION_LOST:
                self._question = None
                self.drops[what] += 1
            elif (step := self._waiting_for(number)) is not None:
                self.drops[what] += 1
                step.pending -= 1
        return len(overdue)

    def close_step(self, now: float) -> list[Request]:
        """Close the time step centred 0.3 s before `now`; `begin` asks for what belongs to it."""
        self._step_count += 1
        due = self.due(now)
        self._steps.append(Step(self._step_count, now, due))
        late = self._encoding
        if late is None and not due:
            self.live = None
        if late is not None and 0 < late.pending < late.asked and now - late.closed_s >= LATE_S:
            # One pool that hangs must not silence the other modality.
            self.drops[Drop.AUDIO_LOST if late.picture is None else Drop.FACE_LOST] += 1
            late.pending = 0
        return self._ask(now)

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
        if self.camera_enabled and Drop.FACE_LOST not in self._asked:
            step.picture, spare = self.sight.choose(step.time_s)
            self.drops[Drop.FRAME_SPARE] += spare
        ticket, asked = Ticket(self.id, self.incarnation, step.number), Asked(step.number, now)
        effects: list[Request] = []
        if step.window is not None and Drop.AUDIO_LOST not in self._asked:
            self._asked[Drop.AUDIO_LOST] = asked
            effects.append(EncodeAudio(ticket, step.window.samples))
        if step.picture is not None:
            self._asked[Drop.FACE_LOST] = asked
            effects.append(
                EncodeFace(ticket, step.picture.image, step.picture.arrived_s, self.sight.track)
            )
        step.asked = step.pending = len(effects)
        self._has_matter = bool(effects)
        self._encoding = step
        return effects or self._ask(now)

    def audio_answered(
        self, number: int, embedding: NDArray[np.float32] | None, work_s: float, now: float
    ) -> list[Request] | None:
        """Take in the audio pool's answer, None where the worker was lost.

        Returns what to ask next; None: nobody waits for this answer any more.
        """
        if not self._take(Drop.AUDIO_LOST, number):
            return None
        step = self._waiting_for(number)
        if step is None:
            return []
        step.audio = embedding
        self.drops[Drop.AUDIO_LOST] += embedding is None
        return self._settle(step, work_s, now)

    def face_answered(
        self, number: int, reading: FaceReading | None, work_s: float, now: float, *, lost: bool
    ) -> list[Request] | None:
        """Take in the face pool's answer, None where there is no face; returns as above."""
        if not self._take(Drop.FACE_LOST, number):
            return None
        step = self._waiting_for(number)
        if step is None or step.picture is None:
            return []
        if lost:
            self.drops[Drop.FACE_LOST] += 1
        else:
            self.sight.answered(step.picture, reading)
        step.picture = None
        return self._settle(step, work_s, now)

    def _take(self, what: Drop, number: int) -> bool:
        """Whether the answer about a step is still waited for; from now on it is not."""
        asked = self._asked.get(what)
        if asked is None or asked.number != number:
            return False
        del self._asked[what]
        return True

    def _waiting_for(self, number: int) -> Step | None:
        """The step of that number, where it waits for features."""
        step = self._encoding
        return step if step is not None and step.number == number and step.pending else None

    def _settle(self, step: Step, work_s: float, now: float) -> list[Request]:
        step.pending -= 1
        step.encode_s = max(step.encode_s, work_s)
        return self._ask(now)

    def _ask(self, now: float) -> list[Request]:
        """Ask the models, once all features have come and the last question is answered."""
        step = self._encoding
        if step is None or step.pending or self._question is not None:
            return []
        self._encoding = None
        face = self.camera_enabled and self.sight.live(step.closed_s, self.pacer.fps)
        self.live = Profile.of(audio=step.window is not None, face=face)
        self._question = None if self.live is None else self._question_about(step, self.live)
        if self._question is None:
            self.drops[Drop.NO_FEATURE] += self.live is not None
            return []
        self._asked[Drop.PREDICTION_LOST] = Asked(step.number, now)
        ticket = Ticket(self.id, self.incarnation, step.number)
        return [Predict(ticket, self._question.sequence)]

    def _question_about(self, step: Step, live: Profile) -> Question | None:
        steps = [earlier for earlier in self._steps if earlier.number <= step.number]
        times, vectors = self.sight.recent(step.closed_s)
        sequence = build_sequence(
            [earlier.time_s for earlier in steps],
            [earlier.audio for earlier in steps],
            times,
            vectors,
            live,
            nearest_s=self._nearest_s,
        )
        # A modality that is live but has no feature in any step, as when its worker was lost,
        # would only be announced to the models, not shown.
        profile = Profile.of(
            audio=bool(sequence.audio_mask.any()), face=bool(sequence.face_mask.any())
        )
        if profile is None:
            return None
        window = step.window if profile.has_audio and step.audio is not None else None
        sighting = self.sight.nearest(step.time_s) if profile.has_face else None
        if window is None and sighting is None:
            return None  # nothing that the last answer did not rest on already
        return Question(step, replace(sequence, profile=profile), window, sighting)

    def predicted(
        self, number: int, now: float, *, lost: bool
    ) -> tuple[Question, list[Request]] | None:
        """Take in the models' answer; returns (the question it is for, what to ask next).

        None: nobody waits for this answer any more.
        """
        question = self._question
        if question is None or not self._take(Drop.PREDICTION_LOST, number):
            return None
        self._question = None
        self.drops[Drop.PREDICTION_LOST] += lost
        return question, self._ask(now)
