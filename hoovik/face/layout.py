"""The 326-d layout of a face: landmarks (272), blendshapes (51), pose (3).

Landmarks come in pixels, so that the picture's aspect ratio is no part of the face; they are moved to
the nose tip, turned until the outer eye corners are level, and divided by the distance between these.
"""

import numpy as np
from numpy.typing import NDArray

from hoovik.layout import FACE_DIM

LANDMARK_IDS = (
    10, 152, 234, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 148, 33, 7, 163, 144, 145, 153,
    154, 155, 133, 173, 157, 158, 159, 160, 161, 246, 362, 382, 381, 380, 374, 373, 390, 249, 263,
    466, 388, 387, 386, 385, 384, 398, 70, 63, 105, 66, 107, 55, 65, 52, 53, 46, 300, 293, 334, 296,
    336, 285, 295, 282, 283, 276, 1, 2, 98, 327, 168, 197, 195, 5, 4, 45, 220, 115, 48, 61, 185, 40,
    39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146, 78, 191, 80, 81,
    82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95, 116, 123, 147, 213,
    192, 214, 210, 345, 352, 376, 433, 416, 434, 430, 151, 9, 8,
)  # fmt: skip
"""Indices of the 136 landmarks in MediaPipe's face mesh."""

BLENDSHAPE_NAMES = (
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight",
    "eyeLookDownLeft", "eyeLookDownRight", "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft",
    "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft", "eyeSquintRight",
    "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen", "jawRight", "mouthClose",
    "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel",
    "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight",
    "mouthPucker", "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower",
    "mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft",
    "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft",
    "noseSneerRight",
)  # fmt: skip
"""MediaPipe's blendshapes in its own order, without the first, `_neutral`."""

NOSE_TIP = LANDMARK_IDS.index(1)
RIGHT_EYE_CORNER = LANDMARK_IDS.index(33)
LEFT_EYE_CORNER = LANDMARK_IDS.index(263)
"""Outer corners; the subject's right eye is on the left of the picture."""

MIN_INTEROCULAR_PX = 1e-3


def eye_line(points_px: NDArray[np.floating]) -> tuple[float, float]:
    """Inter-ocular distance in pixels and roll in radians of landmarks (136, 2).

    Roll is positive clockwise as seen in the picture, whose y axis points down.
    """
    x, y = points_px[LEFT_EYE_CORNER] - points_px[RIGHT_EYE_CORNER]
    return float(np.hypot(x, y)), float(np.arctan2(y, x))


def normalise_landmarks(points_px: NDArray[np.floating]) -> NDArray[np.float32]:
    """Landmarks (136, 2) in pixels to (272,) float32: x and y in turn, in inter-ocular distances."""
    distance_px, roll = eye_line(points_px)
    cosine, sine = np.cos(roll), np.sin(roll)
    level = np.array([[cosine, -sine], [sine, cosine]])  # applied from the right: turns by -roll
    centred = points_px - points_px[NOSE_TIP]
    scaled = centred @ level / max(distance_px, MIN_INTEROCULAR_PX)
    return np.asarray(scaled, np.float32).ravel()


def pose_angles(matrix: NDArray[np.floating]) -> NDArray[np.float32]:
    """Pitch, yaw, roll (3,) float32 in radians of a 4x4 facial transformation matrix.

    MediaPipe's axes are x to the right of the picture, y up, z towards the camera. Pitch up, yaw to
    the subject's left (the right of the picture) and roll clockwise in the picture are positive.
    """
    rotation = matrix[:3, :3] / np.linalg.norm(matrix[:3, :3], axis=0)
    forward, sideways = rotation[:, 2], rotation[:, 0]
    pitch = np.arcsin(np.clip(forward[1], -1, 1))
    yaw = np.arctan2(forward[0], forward[2])
    roll = np.arctan2(-sideways[1], sideways[0])
    return np.array([pitch, yaw, roll], np.float32)


def layout_vector(
    points_px: NDArray[np.floating],
    blendshapes: NDArray[np.floating],
    pose: NDArray[np.floating],
) -> NDArray[np.float32]:
    """(326,) float32 of landmarks (136, 2) in pixels, blendshapes (51,) and pose (3,)."""
    vector = np.concatenate([normalise_landmarks(points_px), blendshapes, pose]).astype(np.float32)
    assert vector.shape == (FACE_DIM,)
    return vector
