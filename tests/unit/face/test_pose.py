import numpy as np
import pytest

from hoovik.face.layout import pose_angles
from hoovik.face.pose import OFF_AXIS_RAD, off_axis_pose, turn_pose


def rotation(pitch: float, yaw: float, roll: float) -> np.ndarray:
    """4x4 in MediaPipe's axes: x right, y up, z towards the camera."""
    cp, sp, cy, sy, cr, sr = (f(a) for a in (pitch, yaw, roll) for f in (np.cos, np.sin))
    up = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    left = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    clockwise = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
    matrix = np.eye(4)
    matrix[:3, :3] = clockwise @ left @ up
    return matrix


@pytest.mark.parametrize("turn", [-1.2, -0.3, 0.0, 0.4, 0.9])
def test_a_turned_picture_turns_the_whole_head(turn: float) -> None:
    head = rotation(0.3, -0.5, 0.1)
    turned = rotation(0, 0, turn) @ head
    np.testing.assert_allclose(turn_pose(pose_angles(head), turn), pose_angles(turned), atol=1e-5)


def test_a_head_that_looks_into_the_camera_only_rolls() -> None:
    np.testing.assert_allclose(turn_pose(np.array([0, 0, 0.2]), 0.3), [0, 0, 0.5], atol=1e-6)


def test_turning_back_undoes_it_for_many_heads_at_once() -> None:
    poses = np.random.default_rng(0).uniform(-0.6, 0.6, (20, 3))
    turns = np.linspace(-1, 1, 20)
    np.testing.assert_allclose(turn_pose(turn_pose(poses, turns), -turns), poses, atol=1e-5)


def test_a_head_off_the_centre_is_turned_as_the_camera_that_looks_at_it() -> None:
    head = rotation(0.2, -0.3, 0.1)
    right, down = 0.4 * OFF_AXIS_RAD, -0.3 * OFF_AXIS_RAD
    seen = rotation(down, 0, 0) @ rotation(0, -right, 0) @ head
    np.testing.assert_allclose(
        off_axis_pose(pose_angles(head), np.array([0.4, -0.3])), pose_angles(seen), atol=1e-5
    )


def test_a_head_in_the_middle_keeps_its_pose() -> None:
    pose = np.array([0.2, -0.3, 0.1])
    np.testing.assert_allclose(off_axis_pose(pose, np.zeros(2)), pose, atol=1e-6)
