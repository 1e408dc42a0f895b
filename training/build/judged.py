"""Samples that are judged: every clip and every still of a split, in a fixed order and coverage."""

import numpy as np
from numpy.typing import NDArray

from hoovik.schema.emotion import EMOTIONS, Profile
from training.build.coverage import voice_steps
from training.build.samples import Sample, Sampler, SampleSet
from training.build.stills import Still
from training.build.voices import VoiceClip


def judged_set(
    profile: Profile,
    sampler: Sampler,
    voices: list[VoiceClip],
    stills: list[Still],
    ticks: int,
    rng: np.random.Generator,
) -> SampleSet:
    """All samples of one profile that a split has to offer, its classes as often as they come.

    Args:
        profile: its modalities.
        sampler: of the same split.
        voices: each clip is judged at up to `ticks` of its spoken ticks, evenly spread.
        stills: each is judged once; in pairs, any one of the voice's class.
        ticks: of each clip.
        rng: decides on motion, coverage and pairs.
    """
    if profile is Profile.VIDEO_ONLY:
        return SampleSet.of(
            [
                sampler.compose(one.label, None, None, one, rng)
                for one in stills
                if one.label is not None
            ]
        )
    by_label = [[one for one in stills if one.label == label] for label in range(len(EMOTIONS))]
    samples: list[Sample] = []
    for clip in voices:
        for tick in _spread(clip.spoken, ticks):
            still = None
            if profile.has_face:
                alike = by_label[clip.label]
                still = alike[int(rng.integers(len(alike)))]
            steps = voice_steps(clip, int(tick))
            samples.append(sampler.compose(clip.label, clip, steps, still, rng))
    return SampleSet.of(samples)


def _spread(spoken: NDArray[np.intp], ticks: int) -> NDArray[np.intp]:
    """Up to `ticks` of the spoken ticks, the last among them."""
    places = np.linspace(0, len(spoken) - 1, ticks + 1)[1:] if len(spoken) > 1 else np.zeros(1)
    return spoken[np.unique(np.rint(places).astype(np.intp))]
