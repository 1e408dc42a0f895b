"""Everything that the models are made from: what is drawn from, and what is judged."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hoovik.features.baseline import Voices
from hoovik.features.sequence import SequenceBatch
from hoovik.schema.emotion import Profile
from training.build.clips import FaceClip, VoiceClip
from training.build.motion import motion_of
from training.build.plan import Plan
from training.build.sampler import Sampler
from training.build.samples import SampleSet
from training.build.streams import everybody, in_streams
from training.corpora.clip import Clip, Modality
from training.evaluation.subjects import judged
from training.extraction.encoding import Extracted
from training.splits import Split

JUDGED = (Split.VALIDATION, Split.CALIBRATION)
CAPPED_CORPUS = "faces"

Group = tuple[str, int | None, str]
"""Corpus, class, and the person, or nothing for all of them."""


@dataclass(frozen=True, slots=True)
class Material:
    """What the models of a bundle are fitted on; nothing of the test split.

    Attributes:
        training: draws training samples.
        usual: draws training samples in which no voice was changed: what the forests take for
            usual. Noise that the models have to stand would otherwise be no surprise to them.
        held_out: draws sequences of the people of validation and calibration, as live would have
            them: what results are compared with that may be unusual.
        judged: for validation and calibration the samples of each profile that there is.
        voices: of everybody in training; None: speakers have no baseline of their own.
    """

    training: Sampler
    usual: Sampler
    held_out: Sampler
    judged: dict[Split, dict[Profile, SampleSet]]
    voices: Voices | None = None


def chosen(splits: Mapping[Split, Sequence[Clip]], plan: Plan) -> dict[Split, list[Clip]]:
    """The clips of each split that a plan asks for, in their order.

    Smiles and calm faces of the photographs would outweigh everything else, and a few persons of
    whom there are many pictures their class; so there are caps on both, and in a plan for a test
    on everything. Pictures without one class are kept where they can teach.
    """
    return {split: _capped(clips, split, plan) for split, clips in splits.items()}


def _capped(clips: Sequence[Clip], split: Split, plan: Plan) -> list[Clip]:
    # A test set stays as it is, so that an evaluation of the corpora finds the same figures.
    faces_cap, person_cap = {
        Split.TRAIN: (plan.face_corpus_train_cap, plan.pictures_per_person),
        Split.VALIDATION: (plan.face_corpus_cap, plan.pictures_per_person),
        Split.CALIBRATION: (plan.face_corpus_cap, plan.pictures_per_person),
        Split.TEST: (None, None),
    }[split]
    groups: Counter[Group] = Counter()
    kept = []
    for clip in clips:
        if clip.label is None and not (clip.can_teach and split is Split.TRAIN):
            continue
        group = clip.corpus, clip.label, ""
        person = clip.corpus, clip.label, clip.speaker
        caps: dict[Group, int | None]
        if clip.modality.has_sound:
            caps = {person: plan.clips_per_group}
        else:
            own_cap = faces_cap if clip.corpus == CAPPED_CORPUS else None
            still = clip.modality is Modality.STILL
            caps = {
                person: person_cap if still else None,
                group: _least(plan.pictures_per_group, own_cap),
            }
        if all(cap is None or groups[own] < cap for own, cap in caps.items()):
            kept.append(clip)
            groups.update((person, group))
    return kept


def _least(*caps: int | None) -> int | None:
    return min((cap for cap in caps if cap is not None), default=None)


def gather(extracted: Mapping[Split, Sequence[Extracted]], plan: Plan) -> Material:
    """Make the sampler of the training split and the judged samples of the others.

    Args:
        extracted: takes of the clips of each split.
        plan: amounts and seed.
    """
    own = extracted[Split.TRAIN]
    plain = [one for one in own if one.take == 0]
    others = [one for split in JUDGED for one in extracted[split]]
    faces = _faces(plain)
    motion = motion_of(faces, np.random.default_rng([plan.seed, 0]))
    heard = _voices(plain)
    voices = None
    if plan.baseline is not None and heard:
        voices = everybody(heard, plan.baseline, plan.baseline_memory)
    return Material(
        Sampler(_voices(own), faces, motion, voices),
        Sampler(heard, faces, motion, voices),
        Sampler(_voices(others), _faces(others), motion, voices),
        {
            split: judged_samples(in_streams(extracted[split], voices, plan.seed), plan.seed)
            for split in JUDGED
        },
        voices,
    )


def _faces(extracted: Sequence[Extracted]) -> list[FaceClip]:
    faces = (FaceClip.of(one) for one in extracted)
    return [face for face in faces if face is not None]


def _voices(extracted: Sequence[Extracted]) -> list[VoiceClip]:
    voices = (VoiceClip.of(one) for one in extracted)
    return [voice for voice in voices if voice is not None]


def judged_samples(extracted: Sequence[Extracted], seed: int) -> dict[Profile, SampleSet]:
    """Samples of each profile that some clips have results of, at the ticks of an evaluation."""
    sets = {}
    for profile in Profile:
        subjects = judged(profile, extracted, seed).subjects
        if not subjects:
            continue
        ticks = [(subject, tick) for subject in subjects for tick in subject.ticks]
        sets[profile] = SampleSet(
            SequenceBatch.stack([tick.sequence() for _, tick in ticks]),
            np.array([subject.label for subject, _ in ticks], np.int64),
            tuple(subject.clip.speaker for subject, _ in ticks),
            tuple(subject.corpus for subject, _ in ticks),
        )
    return sets
