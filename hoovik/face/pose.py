import numpy as np
from numpy.typing import NDArray


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
    pitch, yaw, tilt = np.moveaxis(np.asarray(pose, np.float64), -1, 0)
    forward = np.stack(
        [np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)], axis=-1
    )
    sideways = np.stack([np.cos(tilt), -np.sin(tilt)], axis=-1)
    cosine, sine = np.cos(roll), np.sin(roll)
    x = cosine * forward[..., 0] + sine * forward[..., 1]
    y = cosine * forward[..., 1] - sine * forward[..., 0]
    across = cosine * sideways[..., 0] + sine * sideways[..., 1]
    down = sine * sideways[..., 0] - cosine * sideways[..., 1]
    return np.stack(
        [np.arcsin(np.clip(y, -1, 1)), np.arctan2(x, forward[..., 2]), np.arctan2(down, across)],
        axis=-1,
    ).astype(np.float32)
