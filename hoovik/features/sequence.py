from collections.abc import Iterable
from collections.abc import Sequence as Ordered
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hoovik.layout import AUDIO_DIM, EXPRESSION_DIM, FACE_DIM, SEQ_LEN
from hoovik.schema.emotion import Profile

PROFILES = tuple(Profile)
"""Profiles in the order of their indices in a `SequenceBatch`."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """The last time steps of one participant, the oldest first, right-aligned.

    Attributes:
        audio: (10, 1024) float32, zero where masked.
        face: (10, 326) float32, zero where masked.
        expression: (10, 6) float32 logits of what the same faces show, zero where masked, and
            throughout where the face encoder tells none.
        audio_mask: (10,) bool, true where the step has a voice.
        face_mask: (10,) bool, true where the step has a face.
        profile: the modalities that the result may rest on.
    """

    audio: NDArray[np.float32]
    face: NDArray[np.float32]
    expression: NDArray[np.float32]
    audio_mask: NDArray[np.bool_]
    face_mask: NDArray[np.bool_]
    profile: Profile


@dataclass(frozen=True, slots=True)
class SequenceBatch:
    """N sequences, stacked.

    Attributes:
        audio: (N, 10, 1024) float32.
        face: (N, 10, 326) float32.
        expression: (N, 10, 6) float32.
        audio_mask: (N, 10) bool.
        face_mask: (N, 10) bool.
        profiles: (N,) int8, indices into `PROFILES`.
    """

    audio: NDArray[np.float32]
    face: NDArray[np.float32]
    expression: NDArray[np.float32]
    audio_mask: NDArray[np.bool_]
    face_mask: NDArray[np.bool_]
    profiles: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.profiles)

    def __getitem__(self, rows: slice | NDArray[np.bool_] | NDArray[np.intp]) -> "SequenceBatch":
        return SequenceBatch(
            self.audio[rows],
            self.face[rows],
            self.expression[rows],
            self.audio_mask[rows],
            self.face_mask[rows],
            self.profiles[rows],
        )

    @classmethod
    def concatenate(cls, batches: Ordered["SequenceBatch"]) -> "SequenceBatch":
        """One batch of at least one, in their order."""
        return cls(
            np.concatenate([batch.audio for batch in batches]),
            np.concatenate([batch.face for batch in batches]),
            np.concatenate([batch.expression for batch in batches]),
            np.concatenate([batch.audio_mask for batch in batches]),
            np.concatenate([batch.face_mask for batch in batches]),
            np.concatenate([batch.profiles for batch in batches]),
        )

    @classmethod
    def stack(cls, sequences: Ordered[Sequence]) -> "SequenceBatch":
        """Batch of the given sequences, in their order; none at all makes an empty batch."""

        def stacked(arrays: Iterable[NDArray[np.float32]], width: int) -> NDArray[np.float32]:
            return np.array(list(arrays), np.float32).reshape(-1, SEQ_LEN, width)

        def masks(arrays: Iterable[NDArray[np.bool_]]) -> NDArray[np.bool_]:
            return np.array(list(arrays), bool).reshape(-1, SEQ_LEN)

        return cls(
            audio=stacked((one.audio for one in sequences), AUDIO_DIM),
            face=stacked((one.face for one in sequences), FACE_DIM),
            expression=stacked((one.expression for one in sequences), EXPRESSION_DIM),
            audio_mask=masks(one.audio_mask for one in sequences),
            face_mask=masks(one.face_mask for one in sequences),
            profiles=np.array([PROFILES.index(one.profile) for one in sequences], np.int8),
        )


def build_sequence(
    step_times_s: ArrayLike,
    audio_steps: Ordered[NDArray[np.float32] | None],
    face_times_s: ArrayLike,
    face_vectors: NDArray[np.float32],
    profile: Profile,
    *,
    expressions: NDArray[np.float32] | None = None,
    nearest_s: float = 0.2,
) -> Sequence:
    """Sequence of the newest 10 steps; the one builder of training, live and replay.

    Args:
        step_times_s: (k,) centres of the steps in seconds, ascending; only the last 10 count.
        audio_steps: k embeddings (1024,) float32, None where a step has no voice.
        face_times_s: (m,) times of the face vectors in seconds, in any order.
        face_vectors: (m, 326) float32.
        profile: a modality that it does not have is masked in every step.
        expressions: (m, 6) float32 logits of the same faces; None: zeros.
        nearest_s: a step takes the face vector nearest to its centre, at most this far away;
            of two equally near ones the one that comes first.

    Returns:
        Right-aligned steps: with k < 10 the first 10 - k are masked.
    """
    centres_s = np.asarray(step_times_s, np.float64)[-SEQ_LEN:]
    first = SEQ_LEN - len(centres_s)
    audio = np.zeros((SEQ_LEN, AUDIO_DIM), np.float32)
    face = np.zeros((SEQ_LEN, FACE_DIM), np.float32)
    expression = np.zeros((SEQ_LEN, EXPRESSION_DIM), np.float32)
    audio_mask = np.zeros(SEQ_LEN, bool)
    face_mask = np.zeros(SEQ_LEN, bool)

    if profile.has_audio:
        for position, embedding in enumerate(audio_steps[-SEQ_LEN:], start=first):
            if embedding is not None:
                audio[position] = embedding
                audio_mask[position] = True
    if profile.has_face and np.size(face_times_s) and len(centres_s):
        gaps_s = np.abs(centres_s[:, None] - np.asarray(face_times_s, np.float64)[None, :])
        nearest = gaps_s.argmin(axis=1)
        # A microsecond of grace: 0.9 - 0.7 is a little more than 0.2 in binary.
        near = gaps_s.min(axis=1) <= nearest_s + 1e-6
        face_mask[first:] = near
        face[first:][near] = face_vectors[nearest[near]]
        if expressions is not None:
            expression[first:][near] = expressions[nearest[near]]
    return Sequence(audio, face, expression, audio_mask, face_mask, profile)


def stacked_expressions(logits: Ordered[NDArray[np.float32] | None]) -> NDArray[np.float32]:
    """(m, 6) float32 of the logits (6,) of m faces; zeros where an encoder told none."""
    stacked = np.zeros((len(logits), EXPRESSION_DIM), np.float32)
    for row, one in enumerate(logits):
        if one is not None:
            stacked[row] = one
    return stacked
