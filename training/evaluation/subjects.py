"""What is judged on a profile: clips that have its modalities, or pairs of them made by label."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hoovik.schema.emotion import EMOTIONS, Profile
from training.corpora.clip import Clip, Modality
from training.evaluation.ticks import Subject, Tick, lead_s, ticks_of
from training.extraction.encoding import Extracted

Pairing = Literal["real", "by label"]


@dataclass(frozen=True, slots=True)
class Judged:
    """Everything that is judged on one profile.

    Attributes:
        profile: its modalities.
        subjects: those with at least one result, in the order of the clips.
        without_result: how many labelled clips of these modalities have none.
        pairs: how voice and face came together; None with one modality.
    """

    profile: Profile
    subjects: tuple[Subject, ...]
    without_result: int
    pairs: Pairing | None = None


def judged(profile: Profile, extracted: Sequence[Extracted], seed: int) -> Judged:
    """Choose what to judge on a profile; clips whose label is none of the six are left out.

    Voice and face together are judged on the clips that have both. Where no clip has, every clip
    with sound gets one picture or video of its class: figures on such pairs are better than those
    on people, because the errors of voice and face are independent in them.

    Args:
        profile: its modalities.
        extracted: first takes of any clips.
        seed: draws the pairs; what a clip is given depends on it and on the clip alone.
    """
    labelled = [one for one in extracted if one.clip.label is not None]
    if profile is Profile.AUDIO_ONLY:
        return _alone(profile, [one for one in labelled if one.clip.modality.has_sound])
    if profile is Profile.VIDEO_ONLY:
        return _alone(profile, [one for one in labelled if one.clip.modality.has_pictures])
    real = [one for one in labelled if one.clip.modality is Modality.BOTH]
    if real:
        return _alone(profile, real, "real")
    return _by_label(labelled, seed)


def seeded(clip: Clip, seed: int, purpose: str) -> np.random.Generator:
    """A generator of one clip's own, whatever other clips there are."""
    return np.random.default_rng([seed, zlib.crc32(f"{purpose} {clip.reference}".encode())])


def _alone(profile: Profile, chosen: list[Extracted], pairs: Pairing | None = None) -> Judged:
    subjects = []
    for one in chosen:
        ticks = ticks_of(
            profile,
            one if profile.has_audio else None,
            one if profile.has_face else None,
        )
        if ticks:
            subjects.append(Subject(one.clip, one.clip.corpus, ticks))
    return Judged(profile, tuple(subjects), len(chosen) - len(subjects), pairs)


def _by_label(labelled: list[Extracted], seed: int) -> Judged:
    voices = [one for one in labelled if one.clip.modality.has_sound]
    seen = [one for one in labelled if one.clip.modality.has_pictures and len(one.face_s)]
    faces = [[one for one in seen if one.clip.label == label] for label in range(len(EMOTIONS))]
    subjects = []
    for voice in voices:
        alike = faces[voice.clip.label or 0]
        if not alike:
            continue
        face = alike[int(seeded(voice.clip, seed, "face").integers(len(alike)))]
        ticks = tuple(
            Tick(voice, face, int(number), lead_s(face, int(number)))
            for number in voice.audio_ticks
        )
        if ticks:
            corpus = f"{voice.clip.corpus}+{face.clip.corpus}"
            subjects.append(Subject(voice.clip, corpus, ticks))
    return Judged(Profile.BOTH, tuple(subjects), len(voices) - len(subjects), "by label")
