"""Everything that the models are made from, split by split."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from hoovik.schema.emotion import EMOTIONS, Profile
from training.build.judged import judged_set
from training.build.motion import Motion, motion_of
from training.build.plan import Plan
from training.build.samples import Sampler, SampleSet
from training.build.stills import Still, Stills
from training.build.voices import VoiceClip
from training.splits import Split

JUDGED = (Split.VALIDATION, Split.CALIBRATION, Split.TEST)


@dataclass(frozen=True, slots=True)
class Material:
    """Samplers of training and validation, and what is judged.

    Attributes:
        samplers: one for each split.
        judged: samples of each split but training, and each profile.
        counts: how many clips, speakers and stills of each corpus and split, for the manifest.
    """

    samplers: dict[Split, Sampler]
    judged: dict[tuple[Split, Profile], SampleSet]
    counts: dict[str, Any]


def gather(voices: list[VoiceClip], stills: Stills, plan: Plan) -> Material:
    """Sort clips and stills into splits and make the judged samples."""
    samplers: dict[Split, Sampler] = {}
    judged: dict[tuple[Split, Profile], SampleSet] = {}
    for number, split in enumerate(Split):
        cap = plan.face_corpus_train_cap if split is Split.TRAIN else plan.face_corpus_cap
        own_voices = [one for one in voices if one.split is split]
        own_stills = _capped([one for one in stills.stills if one.split is split], cap)
        rng = np.random.default_rng([plan.seed, number])
        sampler = Sampler(own_voices, own_stills, _motion(stills, split, rng))
        samplers[split] = sampler
        if split in JUDGED:
            for profile in Profile:
                judged[split, profile] = judged_set(
                    profile, sampler, own_voices, own_stills, plan.ticks, rng
                )
    return Material(samplers, judged, _counts(voices, stills, plan))


def _motion(stills: Stills, split: Split, rng: np.random.Generator) -> Motion:
    # The persons of `faces` have no calibration split; its faces move like those of validation.
    source = Split.VALIDATION if split is Split.CALIBRATION else split
    return motion_of([one for one in stills.stills if one.split is source], stills.waver, rng)


def _capped(stills: list[Still], cap: int) -> list[Still]:
    """Stills with one of our labels, at most `cap` of a class from the corpus `faces`."""
    taken: Counter[int] = Counter()
    kept = []
    for one in stills:
        if one.label is None:
            continue
        if one.corpus == "faces":
            taken[one.label] += 1
            if taken[one.label] > cap:
                continue
        kept.append(one)
    return kept


def _counts(voices: list[VoiceClip], stills: Stills, plan: Plan) -> dict[str, Any]:
    counts: dict[str, Any] = {"classes": list(EMOTIONS), "faceless_pictures": stills.faceless}
    for corpus in ("ravdess", "emodb"):
        counts[corpus] = {
            split.value: {
                "speakers": sorted(
                    {one.speaker for one in voices if (one.corpus, one.split) == (corpus, split)}
                ),
                "clips": sum((one.corpus, one.split) == (corpus, split) for one in voices)
                // (plan.takes if split is Split.TRAIN else 1),
            }
            for split in Split
        }
    for corpus in ("fer2013", "faces"):
        counts[corpus] = {
            split.value: {
                "stills": sum(
                    (one.corpus, one.split) == (corpus, split) and one.label is not None
                    for one in stills.stills
                )
            }
            for split in Split
        }
    return counts
