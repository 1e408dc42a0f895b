"""Principal components of the engineered and of the anomaly columns."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from hoovik.features.anomaly import FORESTS, anomaly_columns, choose_forests, forest_columns
from hoovik.features.batch import ANOMALY_COLUMNS
from hoovik.features.engineered import AUDIO_BLOCK, FACE_BLOCK, engineered_columns
from hoovik.layout import ANOMALY_DIM
from hoovik.schema.emotion import Profile
from training.build.samples import SampleSet

TREE_FACE_COMPONENTS = 192
TREE_AUDIO_COMPONENTS = 313
FOREST_COMPONENTS = (64, ANOMALY_COLUMNS, 64, 64)
"""Components of each of FORESTS, in their order."""

SCALE_FLOOR = 1e-4
LEVELS = 127

Arrays = dict[str, NDArray[Any]]


def fit_tree_projections(samples: SampleSet, rows: int, seed: int) -> Arrays:
    """Projections of the face block and the audio block, each from at most `rows` samples.

    A sample without a modality has no place in the fit of its block. Where no sample has it, the
    block's components are zeros: the trees see NaN there in training, and nothing ever after.
    """
    faces: list[NDArray[np.float32]] = []
    voices: list[NDArray[np.float32]] = []
    for chunk in samples.chunks(512):
        engineered = engineered_columns(chunk)
        faces.append(engineered[chunk.face_mask.any(axis=1), FACE_BLOCK])
        voices.append(engineered[chunk.audio_mask.any(axis=1), AUDIO_BLOCK])
        # With one modality alone this runs to the last sample.
        if min(sum(map(len, faces)), sum(map(len, voices))) >= rows:
            break
    arrays: Arrays = {}
    for name, parts, components in (
        ("tree_face", faces, TREE_FACE_COMPONENTS),
        ("tree_audio", voices, TREE_AUDIO_COMPONENTS),
    ):
        columns = np.concatenate(parts)[:rows]
        if len(columns):
            arrays |= fit_projection(name, columns, components, seed)
        else:
            arrays |= _empty_projection(name, columns.shape[1], components)
    return arrays


def fit_forest_projection(samples: SampleSet, forest: str, rows: int, seed: int) -> Arrays:
    """Projection of one forest's columns, from at most `rows` samples that it would judge.

    Where a profile has both, face and voice weigh the same, as in multiple factor analysis: left to
    their numbers of columns, the voice would fill the components, and hardly anything of a face
    would surprise. `global_fallback` judges all profiles against one threshold, and would then flag
    short sequences with a face more often than those with a voice alone; it goes by the columns.
    """
    columns = forest_rows(samples, forest)[:rows]
    means = np.nanmean(columns, axis=0)
    filled = np.where(np.isnan(columns), means, columns)
    components = FOREST_COMPONENTS[FORESTS.index(forest)]
    weights = _modality_weights()[forest_columns(forest)] if forest in set(Profile) else None
    return fit_projection(f"forest_{forest}", filled, components, seed, weights)


def _modality_weights() -> NDArray[np.float64]:
    """Of each anomaly column, such that the squares of each modality's sum to one."""
    weights = np.empty(ANOMALY_DIM)
    for alone in (Profile.VIDEO_ONLY, Profile.AUDIO_ONLY):
        own = forest_columns(alone)
        weights[own] = len(own) ** -0.5
    return weights


def forest_rows(samples: SampleSet, forest: str) -> NDArray[np.float32]:
    """Columns (N, D) of those samples that a forest would judge."""
    own = forest_columns(forest)
    parts = [
        anomaly_columns(chunk)[choose_forests(chunk) == FORESTS.index(forest)][:, own]
        for chunk in samples.chunks(512)
    ]
    return np.concatenate(parts)


def fit_projection(
    name: str,
    columns: NDArray[np.float32],
    components: int,
    seed: int,
    weights: NDArray[np.float64] | None = None,
) -> Arrays:
    """Mean, scale and components (K, D) int8 of columns (N, D) without NaN, weighted by (D,).

    Each component is stored as whole numbers between -127 and 127. Its length is lost with that,
    and neither trees nor forests care: both only ever compare a column with itself. A quarter of
    the bytes of float32, and what rounding adds is under two hundredths of a column's deviation.
    """
    if len(columns) < components:
        raise ValueError(f"{len(columns)} samples for {components} components of {name}")
    mean = columns.mean(axis=0, dtype=np.float64)
    deviation = columns.std(axis=0, dtype=np.float64)
    scale = np.where(deviation > SCALE_FLOOR, deviation, 1.0)
    if weights is not None:
        scale = scale / weights
    standard = ((columns - mean) / scale).astype(np.float32)
    fitted = PCA(components, svd_solver="randomized", random_state=seed).fit(standard)
    directions = fitted.components_
    explained = float(fitted.explained_variance_ratio_.sum())
    print(
        f"{name}: {components} components hold {explained:.1%} of {len(columns)} samples",
        flush=True,
    )
    peak = np.abs(directions).max(axis=1, keepdims=True)
    levels = np.rint(directions / peak * LEVELS).astype(np.int8)
    return {
        f"{name}.mean": mean.astype(np.float32),
        f"{name}.scale": scale.astype(np.float32),
        # safetensors writes the memory as it lies, and scikit-learn's lies column by column.
        f"{name}.components": np.ascontiguousarray(levels),
    }


def _empty_projection(name: str, width: int, components: int) -> Arrays:
    return {
        f"{name}.mean": np.zeros(width, np.float32),
        f"{name}.scale": np.ones(width, np.float32),
        f"{name}.components": np.zeros((components, width), np.int8),
    }
