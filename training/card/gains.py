"""How much of the trees' gain comes from which of the 8,149 engineered columns.

The trees read principal components. Within a component the squared loadings of its columns, which
were standardised before, add up to one: they are the shares of its variance, and the gain of the
component is shared out in the same way. What several components have in common with a column adds
up. It says where the trees look, not what would happen without a column.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xgboost
from numpy.typing import NDArray
from safetensors.numpy import load_file

from hoovik.features.batch import TREE_COLUMNS
from hoovik.features.engineered import AUDIO_BLOCK, FACE_BLOCK, INDICATORS, column_groups
from hoovik.layout import BLENDSHAPES, ENGINEERED_DIM, LANDMARKS, POSE

PARTS = {"landmarks": LANDMARKS, "blendshapes": BLENDSHAPES, "pose": POSE}
"""Of a face vector."""

OF_ONE_PART = {
    "blendshape_mean": "blendshapes",
    "blendshape_max": "blendshapes",
    "smile_asymmetry": "blendshapes",
    "brow_asymmetry": "blendshapes",
    "pose_mean": "pose",
    "pose_std": "pose",
    "motion_energy": "landmarks",
}
"""Groups of the face block that are made from one part alone."""


def component_gains(trees: Path) -> NDArray[np.float64]:
    """Total gain (512,) of all splits on each of the trees' columns.

    Args:
        trees: file in XGBoost's UBJSON format.
    """
    scores = xgboost.Booster(model_file=str(trees)).get_score(importance_type="total_gain")
    gains = np.zeros(TREE_COLUMNS)
    for name, gain in scores.items():
        gains[int(name.removeprefix("f"))] = gain
    return gains


def column_gains(
    gains: NDArray[np.float64], arrays: Mapping[str, NDArray[np.number]]
) -> NDArray[np.float64]:
    """Share (8149,) of each engineered column in the gain of all, which is one.

    Args:
        gains: of the components, (512,).
        arrays: of `projections.safetensors`; `tree_face.components` and `tree_audio.components`
            are (K, D) of any length.

    Raises:
        ValueError: the components are not as many as the gains, or no gain is above zero.
    """
    face = np.asarray(arrays["tree_face.components"], np.float64)
    voice = np.asarray(arrays["tree_audio.components"], np.float64)
    n_indicators = INDICATORS.stop - INDICATORS.start
    if len(face) + len(voice) + n_indicators != len(gains):
        raise ValueError(
            f"{len(face)} face and {len(voice)} audio components and {n_indicators} indicators "
            f"for {len(gains)} gains; as many gains as columns expected"
        )
    if not gains.sum() > 0:
        raise ValueError("no column has any gain; trees with at least one split expected")
    shared = np.zeros(ENGINEERED_DIM)
    shared[FACE_BLOCK] = _shared_out(gains[: len(face)], face)
    shared[AUDIO_BLOCK] = _shared_out(gains[len(face) : -n_indicators], voice)
    shared[INDICATORS] = gains[-n_indicators:]
    return np.asarray(shared / gains.sum(), np.float64)


def group_gains(columns: NDArray[np.float64]) -> dict[str, dict[str, float]]:
    """Share of each group of columns, by its name, and within it by what the columns are about.

    Args:
        columns: shares (8149,) of `column_gains`.

    Returns:
        For a group of the face block the shares of some of `PARTS`; for others one of "voice" or
        of "presence".
    """
    groups: dict[str, dict[str, float]] = {}
    for name, place in column_groups().items():
        own = columns[place]
        whole = float(own.sum())
        if place.start >= INDICATORS.start:
            groups[name] = {"presence": whole}
        elif place.start >= AUDIO_BLOCK.start:
            groups[name] = {"voice": whole}
        elif name in OF_ONE_PART:
            groups[name] = {OF_ONE_PART[name]: whole}
        else:
            groups[name] = {part: float(own[where].sum()) for part, where in PARTS.items()}
    return groups


def bundle_gains(trees: Path, projections: Path) -> dict[str, dict[str, float]]:
    """`group_gains` of the files of a bundle."""
    return group_gains(column_gains(component_gains(trees), load_file(projections)))


def _shared_out(gains: NDArray[np.float64], components: NDArray[np.float64]) -> NDArray[np.float64]:
    squares = components**2
    shares = squares / np.maximum(squares.sum(axis=1, keepdims=True), 1e-12)
    return np.asarray(gains @ shares, np.float64)
