"""What models are trained on and judged by: sequences with their labels and owners, and drawing them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hoovik.features.sequence import Sequence, SequenceBatch
from hoovik.schema.emotion import Profile


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


class Source(Protocol):
    """What training samples are drawn from, such as `training.build.samples.Sampler`."""

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """Profiles that it can draw, at least one: all three, or its only modality's."""
        ...

    def draw(
        self,
        profile: Profile,
        rng: np.random.Generator,
        *,
        short: bool = False,
    ) -> Sample:
        """One sample of one of its profiles."""
        ...


def draw_set(
    source: Source,
    n: int,
    rng: np.random.Generator,
    *,
    single_share: float = 0.0,
) -> SampleSet:
    """Draw n samples: pairs, and a share of one modality, half voices and half faces.

    A source without pairs draws what it has, whatever the share.
    """
    wanted = {
        Profile.BOTH: 1 - single_share,
        Profile.AUDIO_ONLY: single_share / 2,
        Profile.VIDEO_ONLY: single_share / 2,
    }
    if Profile.BOTH not in source.profiles:
        wanted = dict.fromkeys(source.profiles, 1 / len(source.profiles))
    profiles = list(wanted)
    kinds = rng.choice(len(profiles), n, p=list(wanted.values()))
    return SampleSet.of([source.draw(profiles[kind], rng) for kind in kinds])
