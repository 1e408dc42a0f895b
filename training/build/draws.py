"""Random training samples in the shares that a model asks for."""

from typing import Protocol

import numpy as np

from hoovik.schema.emotion import Profile
from training.build.samples import Sample, SampleSet

_PROFILES = (Profile.BOTH, Profile.AUDIO_ONLY, Profile.VIDEO_ONLY)


class Source(Protocol):
    """What training samples are drawn from, such as `training.build.samples.Sampler`."""

    def draw(
        self,
        profile: Profile,
        rng: np.random.Generator,
        *,
        short: bool = False,
    ) -> Sample:
        """One sample of a profile."""
        ...


def draw_set(
    source: Source,
    n: int,
    rng: np.random.Generator,
    *,
    single_share: float = 0.0,
) -> SampleSet:
    """Draw n samples: pairs, and a share of one modality, half voices and half faces."""
    kinds = rng.choice(3, n, p=[1 - single_share, single_share / 2, single_share / 2])
    return SampleSet.of([source.draw(_PROFILES[kind], rng) for kind in kinds])
