"""What a session has heard of a speaker before a clip: a stream that is mostly neutral.

Clips come one by one and sort by emotion, a meeting does not. So before each clip a speaker has said
some of their other clips, as often of each class as people in a meeting.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hoovik.features.baseline import Baseline, Voices
from hoovik.schema.emotion import MEETING_PRIOR
from training.build.clips import VoiceClip
from training.build.showing import Steps
from training.evaluation.subjects import seeded
from training.extraction.encoding import Extracted

LONGEST = 400
"""Vectors that a speaker has been heard for at most, two minutes of speech."""


@dataclass(frozen=True, slots=True)
class _Speaker:
    """The C clips of one speaker.

    Attributes:
        names: (C,).
        means: (C, 1024).
        lengths: (C,), numbers of vectors.
        shares: (C,), how often each is said in a meeting.
    """

    names: NDArray[np.str_]
    means: NDArray[np.float32]
    lengths: NDArray[np.int64]
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, clips: Sequence[VoiceClip]) -> "_Speaker":
        labels = np.array([clip.label for clip in clips])
        shares = np.array(MEETING_PRIOR)[labels] / np.bincount(labels)[labels]
        return cls(
            np.array([clip.name for clip in clips]),
            np.array([clip.mean for clip in clips]),
            np.array([len(clip.spoken) for clip in clips]),
            shares / shares.sum(),
        )

    @property
    def mean(self) -> NDArray[np.float32]:
        """Of a meeting (1024,)."""
        return np.average(self.means, axis=0, weights=self.shares)


class Streams:
    """Makes the baseline that a session would have at the beginning of a clip.

    Args:
        clips: whatever the speakers have said. Each take of them is a stream of its own: a line
            sounds the same throughout a meeting.
        voices: of everybody; None: there are no baselines.
    """

    def __init__(self, clips: Sequence[VoiceClip], voices: Voices | None) -> None:
        self._voices = voices
        own: dict[tuple[str, int], list[VoiceClip]] = defaultdict(list)
        for clip in clips if voices is not None else ():
            own[clip.speaker, clip.take].append(clip)
        self._speakers = {whose: _Speaker.of(some) for whose, some in own.items()}

    def before(
        self, clip: VoiceClip, rng: np.random.Generator, *, after: int | None = None
    ) -> Baseline | None:
        """The baseline after other clips of the speaker; None: there are no baselines.

        Args:
            clip: that the stream leads up to, and has no part in.
            rng: decides on the clips.
            after: about as many vectors; None: `rng` decides, more often on few than on many.
        """
        if self._voices is None:
            return None
        # Every meeting has a beginning; not every one is long.
        wanted = int(LONGEST * rng.random() ** 2) if after is None else after
        speaker = self._speakers.get((clip.speaker, clip.take))
        shares = speaker.shares * (speaker.names != clip.name) if speaker else np.zeros(0)
        if speaker is None or not wanted or not shares.any():
            return Baseline(self._voices)
        drawn = rng.choice(len(shares), wanted, p=shares / shares.sum())
        drawn = drawn[: np.searchsorted(speaker.lengths[drawn].cumsum(), wanted) + 1]
        lengths = speaker.lengths[drawn]
        mean = np.average(speaker.means[drawn], axis=0, weights=lengths)
        apart = np.asarray(mean - self._voices.mean, np.float32)
        return Baseline(self._voices, int(lengths.sum()), apart)

    def heard(self, one: Extracted, seed: int) -> Extracted:
        """What a session has of a clip that ends a stream, which the seed and the clip decide."""
        clip = VoiceClip.of(one)
        baseline = self.before(clip, seeded(one.clip, seed, "stream")) if clip else None
        if baseline is None:
            return one
        return replace(one, audio=np.array([baseline.remove(vector) for vector in one.audio]))


def heard(steps: Steps, baseline: Baseline | None) -> Steps:
    """What a session makes of steps, one after the other."""
    if baseline is None:
        return steps
    return [None if step is None else baseline.remove(step) for step in steps]


def streams_of(extracted: Sequence[Extracted], voices: Voices | None) -> Streams:
    """Streams of what has been extracted; clips without a label or a voice have no part in them."""
    clips = (VoiceClip.of(one) for one in extracted)
    return Streams([clip for clip in clips if clip is not None], voices)


def in_streams(extracted: Sequence[Extracted], voices: Voices | None, seed: int) -> list[Extracted]:
    """What a session has of clips each of which ends a stream of its speaker's other clips."""
    streams = streams_of(extracted, voices)
    return [streams.heard(one, seed) for one in extracted]


def everybody(clips: Sequence[VoiceClip], weight: float, memory: float) -> Voices:
    """Mean voice in a meeting: of at least one clip, corpora counting alike, in them speakers.

    Args:
        clips: of many speakers.
        weight: of the mean, in vectors.
        memory: in vectors.
    """
    own: dict[str, dict[str, list[VoiceClip]]] = defaultdict(lambda: defaultdict(list))
    for clip in clips:
        own[clip.corpus][clip.speaker].append(clip)
    means = [
        np.mean([_Speaker.of(some).mean for some in speakers.values()], axis=0)
        for speakers in own.values()
    ]
    return Voices(np.mean(means, axis=0, dtype=np.float32), weight, memory)
