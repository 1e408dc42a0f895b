"""The 8,149 engineered columns that the tree model reads, after its PCA.

The face block (1,995), the audio block (6,147) and the indicators (7) stand in that order; within a
block the groups stand in the order of the lists below. A block whose modality has no valid step is
NaN throughout; the indicators never are.
"""

from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from hoovik.face.layout import BLENDSHAPE_NAMES
from hoovik.features import statistics
from hoovik.features.sequence import PROFILES, SequenceBatch
from hoovik.features.statistics import ModalityStatistics, Statistics
from hoovik.layout import (
    AUDIO_DIM,
    BLENDSHAPES,
    ENGINEERED_DIM,
    FACE_DIM,
    LANDMARKS,
    N_LANDMARKS,
    N_POSE,
    POSE,
    SEQ_LEN,
)

EMOTION_BLENDSHAPES = (
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "eyeSquintLeft",
    "eyeSquintRight",
    "eyeWideLeft",
    "eyeWideRight",
    "jawOpen",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthShrugUpper",
    "mouthSmileLeft",
    "mouthSmileRight",
)
"""The 15 blendshapes nearest to the facial actions of the six classes."""

FACE_GROUPS = (
    ("face_mean", FACE_DIM),
    ("face_std", FACE_DIM),
    ("face_min", FACE_DIM),
    ("face_max", FACE_DIM),
    ("face_change", FACE_DIM),
    ("face_slope", FACE_DIM),
    ("blendshape_mean", len(EMOTION_BLENDSHAPES)),
    ("blendshape_max", len(EMOTION_BLENDSHAPES)),
    ("smile_asymmetry", 1),
    ("brow_asymmetry", 1),
    ("pose_mean", N_POSE),
    ("pose_std", N_POSE),
    ("motion_energy", 1),
)
AUDIO_GROUPS = (
    ("audio_mean", AUDIO_DIM),
    ("audio_std", AUDIO_DIM),
    ("audio_min", AUDIO_DIM),
    ("audio_max", AUDIO_DIM),
    ("audio_change", AUDIO_DIM),
    ("audio_slope", AUDIO_DIM),
    ("audio_norm_variation", 1),
    ("audio_norm_slope", 1),
    ("audio_norm_peak", 1),
)
INDICATOR_GROUPS = (
    ("has_face", 1),
    ("has_audio", 1),
    ("face_coverage", 1),
    ("audio_coverage", 1),
    ("profile", len(PROFILES)),
)

_FACE_COLUMNS = sum(width for _, width in FACE_GROUPS)
_AUDIO_COLUMNS = sum(width for _, width in AUDIO_GROUPS)
_INDICATOR_COLUMNS = sum(width for _, width in INDICATOR_GROUPS)
FACE_BLOCK = slice(0, _FACE_COLUMNS)
AUDIO_BLOCK = slice(_FACE_COLUMNS, _FACE_COLUMNS + _AUDIO_COLUMNS)
INDICATORS = slice(_FACE_COLUMNS + _AUDIO_COLUMNS, ENGINEERED_DIM)
assert INDICATORS.start + _INDICATOR_COLUMNS == ENGINEERED_DIM

_BY_NAME = {name: BLENDSHAPES.start + place for place, name in enumerate(BLENDSHAPE_NAMES)}
_EMOTION_INDICES = np.array([_BY_NAME[name] for name in EMOTION_BLENDSHAPES])


@cache
def column_groups() -> MappingProxyType[str, slice]:
    """The slice of every group of columns, by its name, in layout order."""
    groups: dict[str, slice] = {}
    start = 0
    for name, width in (*FACE_GROUPS, *AUDIO_GROUPS, *INDICATOR_GROUPS):
        groups[name] = slice(start, start + width)
        start += width
    return MappingProxyType(groups)


def engineered_columns(
    batch: SequenceBatch, known: ModalityStatistics | None = None
) -> NDArray[np.float32]:
    """Engineered columns of N sequences, (N, 8149) float32, NaN where a modality is absent.

    Means, standard deviations (population), extremes, last-minus-first and slopes run over the
    valid steps alone; see `hoovik.features.statistics` for one valid step and for the unit of a
    slope (per step, that is per tick). `known` are the batch's statistics, where it has them.
    """
    known = known or ModalityStatistics.of(batch)
    return np.concatenate(
        [_face_block(known.face), _audio_block(batch, known.audio), _indicators(batch)],
        axis=1,
        dtype=np.float32,
    )


def _face_block(face: Statistics) -> NDArray[np.float32]:
    # Squared displacement of a landmark between successive steps, in squared inter-ocular
    # distances, averaged over landmarks and steps.
    energy = face.motion_energy(LANDMARKS) / N_LANDMARKS
    # Subject's left minus right.
    smile = face.mean[:, _BY_NAME["mouthSmileLeft"]] - face.mean[:, _BY_NAME["mouthSmileRight"]]
    brow = face.mean[:, _BY_NAME["browDownLeft"]] - face.mean[:, _BY_NAME["browDownRight"]]
    return np.concatenate(
        [
            face.mean,
            face.std,
            face.low,
            face.high,
            face.change,
            face.slope,
            face.mean[:, _EMOTION_INDICES],
            face.high[:, _EMOTION_INDICES],
            smile[:, None],
            brow[:, None],
            face.mean[:, POSE],
            face.std[:, POSE],
            energy,
        ],
        axis=1,
    )


def _audio_block(batch: SequenceBatch, audio: Statistics) -> NDArray[np.float32]:
    return np.concatenate(
        [
            audio.mean,
            audio.std,
            audio.low,
            audio.high,
            audio.change,
            audio.slope,
            _norm_course(batch.audio, batch.audio_mask),
        ],
        axis=1,
    )


def _norm_course(audio: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """How the Euclidean norm of the embedding runs over the steps, (N, 3).

    Variation is standard deviation over mean; slope is per step; the peak is the place of the
    largest norm among the ten, from 0 (oldest) to 1 (newest).
    """
    lengths = np.linalg.norm(audio, axis=2, keepdims=True)  # (N, 10, 1)
    norms = Statistics(lengths, mask)
    variation = norms.std / np.where(norms.mean > 0, norms.mean, np.float32(1))
    place = np.where(mask, lengths[..., 0], -1).argmax(axis=1)[:, None] / np.float32(SEQ_LEN - 1)
    return np.concatenate([variation, norms.slope, statistics.absent_as_nan(place, mask)], axis=1)


def _indicators(batch: SequenceBatch) -> NDArray[np.float32]:
    return np.concatenate(
        [
            batch.face_mask.any(axis=1, keepdims=True),
            batch.audio_mask.any(axis=1, keepdims=True),
            statistics.coverage(batch.face_mask),
            statistics.coverage(batch.audio_mask),
            np.eye(len(PROFILES))[batch.profiles],
        ],
        axis=1,
        dtype=np.float32,
    )
