"""Small sequences whose features are plain to see."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hoovik.features.sequence import PROFILES, SequenceBatch
from hoovik.layout import AUDIO_DIM, EXPRESSION_DIM, FACE_DIM, SEQ_LEN
from hoovik.schema.emotion import Profile


def one(
    face: Mapping[int, NDArray[np.floating]] | None = None,
    audio: Mapping[int, NDArray[np.floating]] | None = None,
    profile: Profile = Profile.BOTH,
) -> SequenceBatch:
    """A batch of one: vectors by the step (0 oldest, 9 newest) at which they stand."""
    faces = np.zeros((1, SEQ_LEN, FACE_DIM), np.float32)
    voices = np.zeros((1, SEQ_LEN, AUDIO_DIM), np.float32)
    face_mask, audio_mask = np.zeros((1, SEQ_LEN), bool), np.zeros((1, SEQ_LEN), bool)
    for step, vector in (face or {}).items():
        faces[0, step], face_mask[0, step] = vector, True
    for step, vector in (audio or {}).items():
        voices[0, step], audio_mask[0, step] = vector, True
    return SequenceBatch(
        voices,
        faces,
        np.zeros((1, SEQ_LEN, EXPRESSION_DIM), np.float32),
        audio_mask,
        face_mask,
        np.array([PROFILES.index(profile)], np.int8),
    )


def course(values: Mapping[int, float], dim: int) -> dict[int, NDArray[np.float64]]:
    """At each step its value times 1, 2, 3, ..., so that every dimension tells its number."""
    return {step: value * np.arange(1, dim + 1) for step, value in values.items()}


def mixed(n: int, seed: int = 0) -> SequenceBatch:
    """Random sequences of every profile with random gaps, the absent modality masked throughout."""
    generator = np.random.default_rng(seed)
    profiles = np.arange(n) % len(PROFILES)
    masks = generator.random((2, n, SEQ_LEN)) < 0.6
    masks[:, :, -1] = True
    for row, index in enumerate(profiles):
        masks[0, row] &= PROFILES[index].has_audio
        masks[1, row] &= PROFILES[index].has_face
    audio = generator.standard_normal((n, SEQ_LEN, AUDIO_DIM), np.float32)
    face = generator.standard_normal((n, SEQ_LEN, FACE_DIM), np.float32)
    expression = generator.standard_normal((n, SEQ_LEN, EXPRESSION_DIM), np.float32)
    return SequenceBatch(
        np.where(masks[0][..., None], audio, np.float32(0)),
        np.where(masks[1][..., None], face, np.float32(0)),
        np.where(masks[1][..., None], expression, np.float32(0)),
        masks[0],
        masks[1],
        profiles.astype(np.int8),
    )


def masked_filled(batch: SequenceBatch, filling: float) -> SequenceBatch:
    """The same sequences with other values in the masked steps."""
    value = np.float32(filling)
    return SequenceBatch(
        np.where(batch.audio_mask[..., None], batch.audio, value),
        np.where(batch.face_mask[..., None], batch.face, value),
        np.where(batch.face_mask[..., None], batch.expression, value),
        batch.audio_mask,
        batch.face_mask,
        batch.profiles,
    )


def of_profiles(profiles: Sequence[Profile]) -> NDArray[np.int8]:
    return np.array([PROFILES.index(profile) for profile in profiles], np.int8)
