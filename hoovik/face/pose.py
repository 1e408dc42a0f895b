import numpy as np
from numpy.typing import NDArray

OFF_AXIS_RAD = 0.26
"""How far MediaPipe's pose turns while a head moves by the height of its picture off the centre.

Its camera is a pinhole whose centre is the picture's. Fitted on heads moved about in pictures of
four shapes; rms of yaw and pitch against reading the whole picture 1.1 and 1.3 degrees, before it
3.1 and 2.8, of which 1 is how much two readings of one head differ anyway.
"""


def turn_pose(
    pose: NDArray[np.floating], roll: NDArray[np.floating] | float
) -> NDArray[np.float32]:
    """Pose of a head after its picture was turned clockwise.

    Pitch and yaw say where the nose points in the picture, so that they turn with it: adding the
    angle to the roll alone would be right for a head that looks into the camera, and for no other.

    Args:
        pose: (..., 3) pitch, yaw, roll in radians, as `hoovik.face.layout.pose_angles`.
        roll: (...) radians, clockwise as seen in the picture.

    Returns:
        (..., 3) float32.
    """
    return _angles(*(_rotated(axis, 0, 1, roll) for axis in _axes(pose)))


def off_axis_pose(pose: NDArray[np.floating], offset: NDArray[np.floating]) -> NDArray[np.float32]:
    """Pose that MediaPipe reads in a whole picture, from the one that it reads in a crop.

    In a crop the head is in the middle, and looks into the camera where it looks into this one.

    Args:
        pose: (3,) pitch, yaw, roll in radians, read in an upright crop around the head.
        offset: (2,) of the head from the middle of the picture, right and down, in heights of it.

    Returns:
        (3,) float32.
    """
    right, down = OFF_AXIS_RAD * np.asarray(offset, np.float64)
    return _angles(*(_rotated(_rotated(axis, 0, 2, -right), 1, 2, down) for axis in _axes(pose)))


def _axes(pose: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the nose points, and to where the subject's left lies, (..., 3) each: x, y up, z."""
    pitch, yaw, roll = np.moveaxis(np.asarray(pose, np.float64), -1, 0)
    forward = np.stack(
        [np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)], axis=-1
    )
    x, y = np.cos(roll), -np.sin(roll)
    # At a right angle to the nose; a head in profile has it along the line of sight.
    z = -(x * forward[..., 0] + y * forward[..., 1]) / _away_from_zero(forward[..., 2])
    return forward, np.stack([x, y, z], axis=-1)


def _angles(forward: NDArray[np.float64], sideways: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.stack(
        [
            np.arcsin(np.clip(forward[..., 1], -1, 1)),
            np.arctan2(forward[..., 0], forward[..., 2]),
            np.arctan2(-sideways[..., 1], sideways[..., 0]),
        ],
        axis=-1,
    ).astype(np.float32)


def _rotated(
    vector: NDArray[np.float64], first: int, second: int, angle: NDArray[np.floating] | float
) -> NDArray[np.float64]:
    """Vectors (..., 3) turned in the plane of two axes, from the second towards the first."""
    turned = vector.copy()
    cosine, sine = np.cos(angle), np.sin(angle)
    turned[..., first] = cosine * vector[..., first] + sine * vector[..., second]
    turned[..., second] = cosine * vector[..., second] - sine * vector[..., first]
    return turned


def _away_from_zero(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.abs(values) < 1e-6, 1e-6, values)
