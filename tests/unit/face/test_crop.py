import numpy as np
import pytest
from numpy.typing import NDArray

from hoovik.face.crop import back_to_picture, crop, crop_matrix, track_of
from hoovik.face.encoder import FaceTrack
from hoovik.face.layout import LEFT_EYE_CORNER, RIGHT_EYE_CORNER, eye_line

WIDTH, HEIGHT, SIDE = 640, 360, 256


@pytest.fixture
def face() -> NDArray[np.float64]:
    points = np.array([400.0, 150.0]) + np.random.default_rng(0).uniform(-50, 50, (136, 2))
    points[RIGHT_EYE_CORNER] = [380, 120]
    points[LEFT_EYE_CORNER] = [420, 150]
    return points


def to_crop(points: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return points @ matrix[:, :2].T + matrix[:, 2]


@pytest.mark.parametrize("level", [True, False])
@pytest.mark.parametrize("roll", [-0.7, 0.0, 0.4, 3.0])
def test_points_come_back_to_where_they_were(
    face: NDArray[np.float64], roll: float, level: bool
) -> None:
    matrix = crop_matrix(FaceTrack(0.6, 0.4, 0.3, roll), WIDTH, HEIGHT, SIDE, level=level)
    assert back_to_picture(to_crop(face, matrix), matrix) == pytest.approx(face, abs=1e-9)


def test_the_square_of_a_track_fills_the_crop() -> None:
    matrix = crop_matrix(FaceTrack(0.5, 0.5, 0.2, 0.0), WIDTH, HEIGHT, SIDE)
    # 128 pixels around (320, 180).
    corners = np.array([[256.0, 116.0], [384.0, 244.0], [320.0, 180.0]])
    assert to_crop(corners, matrix) == pytest.approx(np.array([[0, 0], [256, 256], [128, 128]]))


def test_a_level_crop_stands_the_face_upright_and_another_leaves_it(
    face: NDArray[np.float64],
) -> None:
    track = track_of(face, WIDTH, HEIGHT)
    assert track.roll == pytest.approx(np.arctan2(30, 40))
    upright = to_crop(face, crop_matrix(track, WIDTH, HEIGHT, SIDE))
    assert eye_line(upright)[1] == pytest.approx(0, abs=1e-9)
    as_it_is = to_crop(face, crop_matrix(track, WIDTH, HEIGHT, SIDE, level=False))
    assert eye_line(as_it_is)[1] == pytest.approx(track.roll)


def test_a_track_holds_the_whole_face_with_a_margin(face: NDArray[np.float64]) -> None:
    track = track_of(face, WIDTH, HEIGHT)
    inside = to_crop(face, crop_matrix(track, WIDTH, HEIGHT, SIDE, level=False))
    low, high = inside.min(axis=0), inside.max(axis=0)
    assert (low + high) / 2 == pytest.approx([SIDE / 2, SIDE / 2])
    assert (high - low).max() == pytest.approx(SIDE / 1.5)


def test_a_track_holds_at_any_decode_scale(face: NDArray[np.float64]) -> None:
    full, half = track_of(face, WIDTH, HEIGHT), track_of(face / 2, WIDTH // 2, HEIGHT // 2)
    assert (half.cx, half.cy, half.side, half.roll) == pytest.approx(
        (full.cx, full.cy, full.side, full.roll)
    )


def test_a_pixel_goes_where_the_matrix_says() -> None:
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[148:153, 398:403] = 255
    matrix = crop_matrix(FaceTrack(0.55, 0.45, 0.3, 0.5), WIDTH, HEIGHT, SIDE)
    seen = crop(picture, matrix, SIDE)
    assert seen.shape == (SIDE, SIDE, 3)
    rows, columns = np.nonzero(seen[..., 0] > 127)
    expected = to_crop(np.array([[400.0, 150.0]]), matrix)[0]
    assert [columns.mean(), rows.mean()] == pytest.approx(expected, abs=0.7)


def test_beyond_the_edge_of_the_picture_it_is_black() -> None:
    picture = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    seen = crop(picture, crop_matrix(FaceTrack(0, 0, 0.2, 0), WIDTH, HEIGHT, SIDE), SIDE)
    assert not seen[:120].any()
    assert not seen[:, :120].any()
    assert (seen[136:, 136:] == 200).all()


def test_a_track_of_no_size_still_has_a_crop() -> None:
    matrix = crop_matrix(FaceTrack(0.5, 0.5, 0.0, 0.0), WIDTH, HEIGHT, SIDE)
    assert np.isfinite(matrix).all()
    assert np.linalg.det(matrix[:, :2]) > 0
