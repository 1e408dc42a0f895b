"""Random training samples in the shares that a model asks for."""

from typing import Protocol

import numpy as np

from hoovik.schema.emotion import Profile
from training.build.samples import Sample, SampleSet


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
