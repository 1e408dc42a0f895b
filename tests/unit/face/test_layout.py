"""The 326 numbers of a face: where they stand, and what of a picture they do not hold."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hoovik.face.layout import (
    BLENDSHAPE_NAMES,
    LANDMARK_IDS,
    LEFT_EYE_CORNER,
    NOSE_TIP,
    RIGHT_EYE_CORNER,
    eye_line,
    layout_vector,
    normalise_landmarks,
    pose_angles,
)

Points = NDArray[np.float64]


@pytest.fixture
def face() -> Points:
    """Landmarks in pixels of a 640x480 picture, about 150 pixels wide."""
    generator = np.random.default_rng(0)
    points = np.array([320.0, 240.0]) + generator.uniform(-75, 75, (136, 2))
    points[RIGHT_EYE_CORNER] = [285, 220]
    points[LEFT_EYE_CORNER] = [352, 226]
    return points


def turned(points: Points, angle: float, about: tuple[float, float] = (320, 240)) -> Points:
    """Clockwise as seen in the picture, whose y axis points down."""
    x, y = (points - about).T
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.column_stack([cosine * x - sine * y, sine * x + cosine * y]) + about


@pytest.mark.parametrize("shift", [(100, 0), (0, -60), (-1000.5, 2000.25)])
def test_where_the_face_is_does_not_matter(face: Points, shift: tuple[float, float]) -> None:
    moved = normalise_landmarks(face + shift)
    assert moved == pytest.approx(normalise_landmarks(face), abs=1e-5)


@pytest.mark.parametrize("scale", [0.1, 0.5, 3.0])
def test_how_large_the_face_is_does_not_matter(face: Points, scale: float) -> None:
    assert normalise_landmarks(face * scale) == pytest.approx(normalise_landmarks(face), abs=1e-5)


@pytest.mark.parametrize("degrees", [-120, -30, 5, 45, 90, 179])
def test_how_the_picture_is_turned_does_not_matter(face: Points, degrees: float) -> None:
    level = normalise_landmarks(turned(face, np.radians(degrees)))
    assert level == pytest.approx(normalise_landmarks(face), abs=1e-5)


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (480, 640), (500, 500)])
def test_the_shape_of_the_picture_does_not_matter(face: Points, width: int, height: int) -> None:
    # The same pixels, in the middle of another picture, as an encoder of fractions would say it.
    in_other_picture = (face - [320, 240] + [width / 2, height / 2]) / [width, height]
    assert np.abs(in_other_picture - face / [640, 480]).max() > 0.02
    vector = normalise_landmarks(in_other_picture * [width, height])
    assert vector == pytest.approx(normalise_landmarks(face), abs=1e-5)


def test_a_stretched_face_is_another_face(face: Points) -> None:
    assert np.abs(normalise_landmarks(face * [1, 0.5]) - normalise_landmarks(face)).max() > 0.1


def test_the_nose_is_the_origin_and_the_eyes_are_level_at_distance_one(face: Points) -> None:
    points = normalise_landmarks(turned(face, 0.4)).reshape(136, 2)
    assert points[NOSE_TIP].tolist() == [0, 0]
    assert points[LEFT_EYE_CORNER] - points[RIGHT_EYE_CORNER] == pytest.approx([1, 0], abs=1e-5)


def test_a_face_computed_by_hand() -> None:
    points = np.zeros((136, 2))
    points[NOSE_TIP] = [100, 100]
    # Eyes one above the other: the head lies on the subject's left cheek, turned by 90 degrees.
    points[RIGHT_EYE_CORNER] = [110, 80]
    points[LEFT_EYE_CORNER] = [110, 120]
    points[0] = [140, 100]
    assert eye_line(points) == pytest.approx((40, np.pi / 2))
    level = normalise_landmarks(points).reshape(136, 2)
    assert level[RIGHT_EYE_CORNER] == pytest.approx([-0.5, -0.25], abs=1e-6)
    assert level[LEFT_EYE_CORNER] == pytest.approx([0.5, -0.25], abs=1e-6)
    assert level[0] == pytest.approx([0, -1], abs=1e-6)


def test_roll_is_positive_clockwise(face: Points) -> None:
    _, upright = eye_line(face)
    assert eye_line(turned(face, 0.3))[1] - upright == pytest.approx(0.3)


def test_eyes_in_one_point_make_finite_numbers(face: Points) -> None:
    face[LEFT_EYE_CORNER] = face[RIGHT_EYE_CORNER]
    assert np.isfinite(normalise_landmarks(face)).all()


def about_x(angle: float) -> NDArray[np.float64]:
    """Turns y (up) to z (towards the camera)."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def about_y(angle: float) -> NDArray[np.float64]:
    """Turns z (towards the camera) to x (right of the picture)."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def about_z(angle: float) -> NDArray[np.float64]:
    """Turns x (right) to y (up): counter-clockwise in the picture."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def placed(rotation: NDArray[np.float64], scale: float = 1.0) -> NDArray[np.float64]:
    matrix = np.eye(4)
    matrix[:3, :3] = scale * rotation
    matrix[:3, 3] = [3, -5, -40]
    return matrix


@pytest.mark.parametrize(
    ("rotation", "angles"),
    [
        pytest.param(np.eye(3), (0, 0, 0), id="straight into the camera"),
        pytest.param(about_x(-0.4), (0.4, 0, 0), id="up"),
        pytest.param(about_x(0.4), (-0.4, 0, 0), id="down"),
        pytest.param(about_y(0.6), (0, 0.6, 0), id="to the subject's left, the picture's right"),
        pytest.param(about_y(-0.6), (0, -0.6, 0), id="to the subject's right"),
        pytest.param(about_z(-0.2), (0, 0, 0.2), id="clockwise"),
        pytest.param(about_z(0.2), (0, 0, -0.2), id="counter-clockwise"),
        pytest.param(about_y(2.0), (0, 2.0, np.pi), id="beyond the shoulder"),
        pytest.param(about_y(0.5) @ about_x(-0.3), (0.3, 0.5, 0), id="left, and up from there"),
    ],
)
def test_pose_is_up_left_and_clockwise(
    rotation: NDArray[np.float64], angles: tuple[float, float, float]
) -> None:
    read = pose_angles(placed(rotation))
    assert read.dtype == np.float32
    # Half a turn is the same in both directions.
    difference = (read - np.array(angles) + np.pi) % (2 * np.pi) - np.pi
    assert difference == pytest.approx([0, 0, 0], abs=1e-6)


def test_the_size_of_the_head_is_no_part_of_its_pose() -> None:
    rotation = about_y(0.3) @ about_x(-0.2) @ about_z(0.1)
    assert pose_angles(placed(rotation, 7.5)) == pytest.approx(
        pose_angles(placed(rotation)), abs=1e-6
    )


def test_the_forward_axis_never_leaves_the_arcsine() -> None:
    tilted = placed(about_x(-np.pi / 2) * (1 + 1e-7))
    assert pose_angles(tilted)[0] == pytest.approx(np.pi / 2, abs=1e-3)


def test_landmarks_then_blendshapes_then_pose(face: Points) -> None:
    blendshapes, pose = np.arange(51) / 51, np.array([0.1, -0.2, 0.3])
    vector = layout_vector(face, blendshapes, pose)
    assert vector.shape == (326,)
    assert vector.dtype == np.float32
    assert vector[:272] == pytest.approx(normalise_landmarks(face))
    assert vector[272:323] == pytest.approx(blendshapes)
    assert vector[323:] == pytest.approx(pose)


def test_x_and_y_of_a_landmark_stand_side_by_side(face: Points) -> None:
    vector = normalise_landmarks(face)
    nudged = face.copy()
    nudged[7] += [5, 0]
    changed = np.flatnonzero(np.abs(normalise_landmarks(nudged) - vector) > 1e-3)
    # A little of the step lies along y: the eyes of this face are not level.
    assert changed.tolist() == [14, 15]


def test_names_are_complete_and_different() -> None:
    assert len(LANDMARK_IDS) == len(set(LANDMARK_IDS)) == 136
    assert len(BLENDSHAPE_NAMES) == len(set(BLENDSHAPE_NAMES)) == 51
    assert {1, 33, 263} <= set(LANDMARK_IDS)
    assert (LANDMARK_IDS[NOSE_TIP], LANDMARK_IDS[RIGHT_EYE_CORNER]) == (1, 33)
    assert LANDMARK_IDS[LEFT_EYE_CORNER] == 263


@pytest.mark.data
def test_the_layout_is_the_one_that_the_training_faces_were_read_with(data: Path) -> None:
    index = np.load(data / "faces" / "index.npz")
    assert index["landmark_ids"].tolist() == list(LANDMARK_IDS)
    assert index["blendshape_names"].tolist() == ["_neutral", *BLENDSHAPE_NAMES]
