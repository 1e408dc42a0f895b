from collections import Counter, deque
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hoovik.audio.vad import VoiceDetector
from hoovik.face.encoder import FaceReading
from hoovik.features.sequence import Sequence, build_sequence
from hoovik.layout import SEQ_LEN, WINDOW_S
from hoovik.schema.drop import Drop
from hoovik.schema.emotion import Profile
from hoovik.session.effects import EncodeAudio, EncodeFace, Predict, Ticket
from hoovik.session.pacing import FramePacer
from hoovik.session.sight import FaceStream, Picture, Sighting
from hoovik.session.slot import NewestSlot
from hoovik.session.smoothing import Smoother
from hoovik.session.voice import VoiceStream, Window
from hoovik.settings import Settings


@dataclass(slots=True)
class Step:
    """One closed time step.

    Attributes:
        number: counts up over the participant's life.
        closed_s: the tick that closed it.
        time_s: its centre, 0.3 s before.
        profile: the modalities live at that tick; None without any, when the step stays empty.
        audio: (1024,) float32, once encoded.
        window: the sound behind it, its samples dropped once encoded.
        encode_s: how long its window was being encoded.
    """

    number: int
    closed_s: float
    time_s: float
    profile: Profile | None
    voice_epoch: int
    sight_epoch: int
    window: Window | None = None
    audio: NDArray[np.float32] | None = None
    encode_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Question:
    """One sequence on its way to the models, and what it rests on."""

    step: Step
    sequence: Sequence
    window: Window | None
    sighting: Sighting | None

    @property
    def newest_s(self) -> float:
        """Arrival of the newest sample that the answer will rest on."""
        arrivals = [basis.arrived_s for basis in (self.window, self.sighting) if basis is not None]
        return max(arrivals, default=self.step.time_s)


class Participant:
    """Everything that one participant's results depend on.

    Attributes:
        live: the modalities that were live at the last tick.
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
        self.drops: Counter[Drop] = Counter()
        self._nearest_s = settings.session.face_nearest_s
        self._steps: deque[Step] = deque(maxlen=SEQ_LEN)
        self._step_count = 0
        self._voice_epoch = 0
        self._sight_epoch = 0
        self._windows: NewestSlot[Step] = NewestSlot()
        self._pictures: NewestSlot[tuple[int, Picture]] = NewestSlot()
        self._questions: NewestSlot[Question] = NewestSlot()

    def set_mic(self, enabled: bool) -> None:
        """Follow the microphone button; switching off forgets what was heard."""
        if self.mic_enabled and not enabled:
            self._voice_epoch += 1
            self.voice.clear()
            self._windows.clear_waiting()
            for step in self._steps:
                step.audio = None
        self.mic_enabled = enabled

    def set_camera(self, enabled: bool) -> None:
        """Follow the camera button; switching off forgets what was seen."""
        if self.camera_enabled and not enabled:
            self._sight_epoch += 1
            self.sight.clear()
            self._pictures.clear_waiting()
        self.camera_enabled = enabled

    def see(self, picture: Picture) -> EncodeFace | None:
        """Take in a frame."""
        if not self.camera_enabled:
            return None
        self.sight.arrived(picture.arrived_s)
        start, displaced = self._pictures.offer((self._sight_epoch, picture))
        self.drops[Drop.FRAME_SUPERSEDED] += displaced is not None
        return self._encode_face(start)

    def face_answered(self, reading: FaceReading | None, *, lost: bool) -> EncodeFace | None:
        """Take in a face pool's answer; returns the next frame to encode."""
        if self._pictures.running is not None:
            epoch, picture = self._pictures.running
            if lost:
                self.drops[Drop.FACE_LOST] += 1
            elif epoch == self._sight_epoch:
                self.sight.answered(picture, reading)
        return self._encode_face(self._pictures.done())

    def _encode_face(self, work: tuple[int, Picture] | None) -> EncodeFace | None:
        if work is None:
            return None
        ticket = Ticket(self.id, self.incarnation, work[1].sequence_number)
        return EncodeFace(ticket, work[1].image, self.sight.track)

    def close_step(self, now: float) -> EncodeAudio | Predict | None:
        """Close the time step centred 0.3 s before `now`."""
        window = self.voice.speech_window(now) if self.mic_enabled else None
        face = self.camera_enabled and self.sight.live(now)
        self._step_count += 1
        step = Step(
            self._step_count,
            now,
            now - WINDOW_S / 2,
            Profile.of(audio=window is not None, face=face),
            self._voice_epoch,
            self._sight_epoch,
            window,
        )
        self._steps.append(step)
        self.live = step.profile
        if step.profile is None:
            return None
        if window is None:
            return self._ask(step, now)
        start, displaced = self._windows.offer(step)
        self.drops[Drop.WINDOW_SUPERSEDED] += displaced is not None
        return self._encode_audio(start)

    def audio_answered(
        self, embedding: NDArray[np.float32] | None, now: float, work_s: float
    ) -> list[EncodeAudio | Predict]:
        """Take in the audio pool's answer, None where the worker was lost."""
        step, following = self._windows.running, self._windows.done()
        effects: list[EncodeAudio | Predict | None] = [self._encode_audio(following)]
        if step is not None and step.voice_epoch != self._voice_epoch:
            self.drops[Drop.MODALITY_ENDED] += 1
        elif step is not None:
            step.audio, step.encode_s = embedding, work_s
            self.drops[Drop.AUDIO_LOST] += embedding is None
            effects.append(self._ask(step, now))
        return [effect for effect in effects if effect is not None]

    def _encode_audio(self, step: Step | None) -> EncodeAudio | None:
        if step is None or step.window is None:
            return None
        return EncodeAudio(Ticket(self.id, self.incarnation, step.number), step.window.samples)

    def _ask(self, step: Step, now: float) -> Predict | None:
        question = self._question(step, now)
        if question is None:
            self.drops[Drop.NO_FEATURE] += 1
            return None
        start, displaced = self._questions.offer(question)
        self.drops[Drop.STEP_SUPERSEDED] += displaced is not None
        return self._predict(start)

    def _question(self, step: Step, now: float) -> Question | None:
        if step.profile is None:
            return None
        steps = [earlier for earlier in self._steps if earlier.number <= step.number]
        times, vectors = self.sight.recent(now)
        sequence = build_sequence(
            [earlier.time_s for earlier in steps],
            [earlier.audio for earlier in steps],
            times,
            vectors,
            step.profile,
            nearest_s=self._nearest_s,
        )
        # A modality that is live but has no feature in any step, as when its worker was lost,
        # would only be announced to the models, not shown.
        profile = Profile.of(
            audio=bool(sequence.audio_mask.any()), face=bool(sequence.face_mask.any())
        )
        if profile is None:
            return None
        window = step.window if profile.has_audio else None
        sighting = self.sight.nearest(step.time_s, self._nearest_s) if profile.has_face else None
        return Question(step, replace(sequence, profile=profile), window, sighting)

    def predicted(self, *, lost: bool) -> tuple[Question | None, Predict | None]:
        """Take in the models' answer; returns (the question it is good for, what to ask next)."""
        question = self._questions.running
        following = self._predict(self._questions.done())
        if question is None:
            return None, following
        if lost:
            self.drops[Drop.PREDICTION_LOST] += 1
            return None, following
        profile, step = question.sequence.profile, question.step
        ended = (profile.has_audio and step.voice_epoch != self._voice_epoch) or (
            profile.has_face and step.sight_epoch != self._sight_epoch
        )
        if ended:
            self.drops[Drop.MODALITY_ENDED] += 1
            return None, following
        return question, following

    def _predict(self, question: Question | None) -> Predict | None:
        if question is None:
            return None
        return Predict(Ticket(self.id, self.incarnation, question.step.number), question.sequence)
