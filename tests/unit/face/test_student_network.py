import torch

from hoovik.face.embedded import compiled_student
from hoovik.face.layout import LEFT_EYE_CORNER, RIGHT_EYE_CORNER
from hoovik.face.student_network import (
    CROP_PX,
    LEFT_EYE,
    MOUTH,
    RIGHT_EYE,
    StudentNet,
    _cut,
    _patches,
)
from hoovik.layout import N_LANDMARKS


def points_of(right: tuple[float, float], left: tuple[float, float]) -> torch.Tensor:
    """Landmarks (1, 136, 2): eyes where they are said to be, the mouth below them."""
    points = torch.full((1, N_LANDMARKS, 2), 0.5)
    points[0, RIGHT_EYE_CORNER] = torch.tensor(right)
    points[0, LEFT_EYE_CORNER] = torch.tensor(left)
    for place in MOUTH:
        points[0, place] = torch.tensor([0.5, 0.8])
    return points


def test_a_patch_is_the_part_of_the_crop_around_its_centre() -> None:
    crops = torch.arange(CROP_PX, dtype=torch.float32).repeat(CROP_PX, 1)[None]  # grey = x
    patch = _cut(crops, torch.tensor([[0.5, 0.25]]), torch.tensor([0.25]), (32, 32))
    assert patch.shape == (1, 32, 32)
    # A quarter of the crop's side, one sample to the pixel, from 48 to 80.
    torch.testing.assert_close(patch[0, 0], torch.arange(48.0, 80.0), atol=1e-3, rtol=0)


def test_the_left_eye_is_shown_in_a_mirror() -> None:
    points = points_of((0.3, 0.4), (0.7, 0.4))
    points[0, RIGHT_EYE[1]] = torch.tensor([0.4, 0.4])
    points[0, LEFT_EYE[1]] = torch.tensor([0.6, 0.4])
    half = torch.rand(1, CROP_PX, CROP_PX)
    distance, eyes, mouths = _patches(half + half.flip(2), points)
    torch.testing.assert_close(distance, torch.tensor([0.4]))
    assert mouths.shape == (1, 32, 48)
    torch.testing.assert_close(eyes[0], eyes[1], atol=1e-4, rtol=1e-4)


def test_compiled_it_says_the_same() -> None:
    torch.manual_seed(0)
    network = StudentNet()
    crops = 255 * torch.rand(1, CROP_PX, CROP_PX)
    with torch.inference_mode():
        plain = network.eval()(crops)
        compiled = compiled_student(network)(crops)
    for one, other in zip(plain, compiled, strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


def test_landmarks_in_a_batch_are_those_of_each_alone() -> None:
    torch.manual_seed(0)
    network = StudentNet().eval()
    crops = 255 * torch.rand(3, CROP_PX, CROP_PX)
    with torch.inference_mode():
        together = network(crops)
        alone = [network(crops[row : row + 1]) for row in range(3)]
    for row, one in enumerate(alone):
        torch.testing.assert_close(together.points[row : row + 1], one.points, atol=1e-4, rtol=1e-4)
