"""Left and right of the layout, for pictures seen in a mirror."""

import numpy as np
from numpy.typing import NDArray

from hoovik.face.layout import (
    BLENDSHAPE_NAMES,
    LEFT_EYE_CORNER,
    NOSE_TIP,
    RIGHT_EYE_CORNER,
    normalise_landmarks,
)
from hoovik.layout import N_BLENDSHAPES, N_LANDMARKS

NEAR = 0.08
"""Inter-ocular distances between a landmark and its counterpart's reflection, at most."""


def mirrored_landmarks(points: NDArray[np.floating]) -> NDArray[np.int64]:
    """Counterpart of each landmark in a mirror (136,), from faces (N, 136, 2) in pixels.

    The layout is not symmetric: for part of the face's oval and of the nose it holds one side
    alone. What has no counterpart is -1, and a mirrored picture says nothing about it.
    """
    shape = np.mean([normalise_landmarks(one) for one in points], axis=0).reshape(-1, 2)
    middle = (shape[LEFT_EYE_CORNER, 0] + shape[RIGHT_EYE_CORNER, 0]) / 2
    reflected = shape * [-1, 1] + [2 * middle, 0]
    distance = np.linalg.norm(reflected[:, None] - shape[None], axis=-1)
    nearest = distance.argmin(axis=1)
    own = np.arange(N_LANDMARKS)
    mutual = (nearest[nearest] == own) & (distance[own, nearest] < NEAR)
    pairs = np.where(mutual, nearest, -1)
    assert np.array_equal(pairs[pairs[mutual]], own[mutual])  # an involution
    assert pairs[LEFT_EYE_CORNER] == RIGHT_EYE_CORNER
    assert pairs[NOSE_TIP] == NOSE_TIP
    return pairs


def mirrored_blendshapes() -> NDArray[np.int64]:
    """Counterpart of each blendshape in a mirror (51,)."""
    pairs = np.array([BLENDSHAPE_NAMES.index(_other_side(name)) for name in BLENDSHAPE_NAMES])
    assert np.array_equal(pairs[pairs], np.arange(N_BLENDSHAPES))
    return pairs


def _other_side(name: str) -> str:
    if name.endswith("Left"):
        return name.removesuffix("Left") + "Right"
    if name.endswith("Right"):
        return name.removesuffix("Right") + "Left"
    return name
