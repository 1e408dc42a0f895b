"""The ticks at which a clip is judged: all those at which a live session would have a result."""

from collections.abc import Sequence as Ordered
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoovik.features.sequence import Sequence, build_sequence
from hoovik.layout import EXPRESSION_DIM, FACE_DIM, SEQ_LEN, TICK_S, WINDOW_S
from hoovik.schema.emotion import Profile
from hoovik.settings import SessionSettings
from training.corpora.clip import Clip, Modality
from training.extraction.encoding import Extracted, tick_centres_s

STALE_S = SessionSettings().stale_s
NEAREST_S = SessionSettings().face_nearest_s
GRACE_S = 1e-6
"""0.9 - 0.7 is a little more than 0.2 in binary."""

STEPS = np.arange(-SEQ_LEN + 1, 1)


@dataclass(frozen=True, slots=True)
class Tick:
    """One tick of a voice, a face, or both. Tick i is centred at 0.3 + 0.3 i seconds.

    Attributes:
        voice: whose embeddings count; None: no microphone.
        face: whose face vectors count; None: no camera.
        number: of the tick.
        face_lead_s: what a time of the face has to be shifted by to be a time of the tick's clock.
    """

    voice: Extracted | None
    face: Extracted | None
    number: int
    face_lead_s: float = 0.0

    @property
    def profile(self) -> Profile:
        """The modalities that the tick is judged on."""
        profile = Profile.of(audio=self.voice is not None, face=self.face is not None)
        if profile is None:
            raise ValueError("a tick without voice and face; one of both expected")
        return profile

    @property
    def step_centres_s(self) -> NDArray[np.float64]:
        """Centres (10,) of the steps up to the tick, in seconds; negative before the clip."""
        return np.asarray(WINDOW_S / 2 + TICK_S * (self.number + STEPS), np.float64)

    def has_result(self) -> bool:
        """Whether every modality of the tick is live and has been heard or seen in some step."""
        return (self.voice is None or self._spoken()) and (self.face is None or self._seen())

    def sequence(self) -> Sequence:
        """The last ten steps, as a live session would hand them to the models."""
        voice_steps: list[NDArray[np.float32] | None] = [None] * SEQ_LEN
        if self.voice is not None:
            first = self.number - SEQ_LEN + 1
            ticks = self.voice.audio_ticks
            low, high = np.searchsorted(ticks, [first, self.number + 1])
            for row in range(low, high):
                voice_steps[int(ticks[row]) - first] = self.voice.audio[row]
        vectors = np.empty((0, FACE_DIM), np.float32)
        expressions = np.empty((0, EXPRESSION_DIM), np.float32)
        if self.face is not None:
            vectors, expressions = self.face.face, self.face.expression
        return build_sequence(
            self.step_centres_s,
            voice_steps,
            self._face_s(),
            vectors,
            self.profile,
            expressions=expressions,
            nearest_s=NEAREST_S,
        )

    def _face_s(self) -> NDArray[np.float64]:
        return np.empty(0) if self.face is None else self.face.face_s + self.face_lead_s

    def _spoken(self) -> bool:
        return self.voice is not None and bool(np.isin(self.number, self.voice.audio_ticks))

    def _seen(self) -> bool:
        centres_s, face_s = self.step_centres_s, self._face_s()
        now_s = centres_s[-1] + WINDOW_S / 2
        live = (face_s >= now_s - STALE_S - GRACE_S) & (face_s <= now_s + GRACE_S)
        # A face that came just now is live, but no step has it yet.
        in_steps = (face_s >= centres_s[0] - NEAREST_S - GRACE_S) & (
            face_s <= centres_s[-1] + NEAREST_S + GRACE_S
        )
        return bool(live.any() and in_steps.any())


@dataclass(frozen=True, slots=True)
class Subject:
    """A labelled clip, or a pair made by label, that has at least one result.

    Attributes:
        clip: its own; of a pair the voice's.
        corpus: of the clip; of a pair both, with a plus between them.
        ticks: at which it has a result.
    """

    clip: Clip
    corpus: str
    ticks: tuple[Tick, ...]

    @property
    def label(self) -> int:
        """Index into EMOTIONS."""
        if self.clip.label is None:
            raise ValueError(f"{self.clip.reference} has no label of the six; one expected")
        return self.clip.label


def ticks_of(
    profile: Profile, voice: Extracted | None, face: Extracted | None, face_lead_s: float = 0.0
) -> tuple[Tick, ...]:
    """The ticks of one clip at which there is a result; its label has no say in it.

    A voice is judged at every tick that it speaks at, a video at every tick with a face, a still
    alone at the end of its readings.
    """
    owner = voice if profile.has_audio else face
    if owner is None:
        return ()
    numbers = range(owner.n_ticks)
    if voice is None and owner.clip.modality is Modality.STILL:
        numbers = numbers[-1:]
    ticks = (Tick(voice, face, number, face_lead_s) for number in numbers)
    return tuple(tick for tick in ticks if tick.has_result())


def lead_s(face: Extracted, number: int) -> float:
    """Shift after which the last time that a face was seen is the centre of a tick."""
    return float(tick_centres_s(number + 1)[-1] - face.face_s[-1])


def labels_of(subjects: Ordered[Subject]) -> NDArray[np.int64]:
    """Labels (N,) of N subjects."""
    return np.array([subject.label for subject in subjects], np.int64)
