"""Samples of one split: voices, moving faces, and pairs of both made by label across corpora."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from hoovik.features.sequence import Sequence, SequenceBatch, build_sequence
from hoovik.layout import SEQ_LEN
from hoovik.schema.emotion import EMOTIONS, Profile
from hoovik.settings import SessionSettings
from training.build.coverage import Steps, drawn_voice_steps, face_presence
from training.build.motion import Motion
from training.build.stills import Still
from training.build.voices import VoiceClip

_T = TypeVar("_T")

TICK_S = SessionSettings().tick_s
FRAME_JITTER_S = 0.09
"""A frame lies this far from the centre of its step at most; any further and a lost step would take
its neighbour's frame."""

CONTINUED_SHARE = 0.4
"""Share of voices that have spoken before the clip, by another clip of the same speaker and class:
the clips are short, and people in a meeting talk for longer than that."""

STEP_TIMES_S = TICK_S * np.arange(SEQ_LEN)


@dataclass(frozen=True, slots=True)
class Sample:
    """One sequence and what it shows.

    Attributes:
        sequence: as live would build it.
        label: index into EMOTIONS.
        owner: whose voice it is; whose picture, where there is no voice.
        corpus: of the voice and of the picture.
    """

    sequence: Sequence
    label: int
    owner: str
    corpus: str


@dataclass(frozen=True, slots=True)
class SampleSet:
    """N samples, stacked: sequences, labels (N,), owners, corpora."""

    sequences: SequenceBatch
    labels: NDArray[np.int64]
    owners: tuple[str, ...]
    corpora: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: NDArray[np.intp]) -> "SampleSet":
        return SampleSet(
            self.sequences[rows],
            self.labels[rows],
            tuple(self.owners[row] for row in rows),
            tuple(self.corpora[row] for row in rows),
        )

    @classmethod
    def of(cls, samples: list[Sample]) -> "SampleSet":
        """The set of some samples, in their order."""
        return cls(
            SequenceBatch.stack([one.sequence for one in samples]),
            np.array([one.label for one in samples], np.int64),
            tuple(one.owner for one in samples),
            tuple(one.corpus for one in samples),
        )

    def chunks(self, size: int) -> Iterator[SequenceBatch]:
        """The sequences in pieces, which keeps wide columns from filling the memory."""
        for start in range(0, len(self), size):
            yield self.sequences[start : start + size]


class Sampler:
    """Makes samples of one split.

    Args:
        voices: clips of the split.
        stills: labelled stills of the split.
        motion: how its faces move.
    """

    def __init__(self, voices: list[VoiceClip], stills: list[Still], motion: Motion) -> None:
        classes = range(len(EMOTIONS))
        self._voices = [[one for one in voices if one.label == label] for label in classes]
        self._stills = [[one for one in stills if one.label == label] for label in classes]
        for label, emotion in enumerate(EMOTIONS):
            if not self._voices[label] or not self._stills[label]:
                raise ValueError(f"no voice or no still of class {emotion} to draw from")
        self._motion = motion
        self._alike: dict[tuple[str, int], list[VoiceClip]] = defaultdict(list)
        for one in voices:
            self._alike[one.speaker, one.label].append(one)

    def draw(
        self,
        profile: Profile,
        rng: np.random.Generator,
        *,
        short: bool = False,
    ) -> Sample:
        """A sample whose class is any of the six, equally often.

        Args:
            profile: its modalities.
            rng: decides.
            short: whether it has only just begun; of a pair one modality has, or both.
        """
        label = int(rng.integers(len(EMOTIONS)))
        short_voice = short_face = short
        if short and profile is Profile.BOTH:
            short_voice, short_face = ((True, False), (False, True), (True, True))[rng.integers(3)]
        voice, steps = None, None
        if profile.has_audio:
            voice = _any(self._voices[label], rng)
            continued = not short_voice and rng.random() < CONTINUED_SHARE
            before = _any(self._alike[voice.speaker, voice.label], rng) if continued else None
            steps = drawn_voice_steps(voice, rng, before=before, short=short_voice)
        still = _any(self._stills[label], rng) if profile.has_face else None
        return self.compose(label, voice, steps, still, rng, short_face=short_face)

    def compose(
        self,
        label: int,
        voice: VoiceClip | None,
        steps: Steps | None,
        still: Still | None,
        rng: np.random.Generator,
        *,
        short_face: bool = False,
    ) -> Sample:
        """The sample of a voice, a still, or both, with a coverage of its own for each."""
        profile = Profile.of(audio=voice is not None, face=still is not None)
        if profile is None:
            raise ValueError("a sample needs a voice or a still")
        times_s, vectors = np.empty(0), np.empty((0, 0), np.float32)
        if still is not None:
            present = face_presence(rng, short=short_face)
            times_s = STEP_TIMES_S + rng.uniform(-FRAME_JITTER_S, FRAME_JITTER_S, SEQ_LEN)
            times_s, vectors = times_s[present], self._motion.sequence(still.vector, rng)[present]
        sequence = build_sequence(
            STEP_TIMES_S, steps or [None] * SEQ_LEN, times_s, vectors, profile
        )
        sources = [one for one in (voice, still) if one is not None]
        return Sample(
            sequence,
            label,
            voice.speaker if voice is not None else still.owner if still is not None else "",
            "+".join(one.corpus for one in sources),
        )


def _any(among: list[_T], rng: np.random.Generator) -> _T:
    return among[int(rng.integers(len(among)))]
