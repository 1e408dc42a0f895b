from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from hoovik.face.layers import Residual, convolution, dense, standardise
from hoovik.face.layout import LANDMARK_IDS, LEFT_EYE_CORNER, RIGHT_EYE_CORNER
from hoovik.layout import N_BLENDSHAPES, N_LANDMARKS, N_POSE

CROP_PX = 128
"""Side of the student's crop."""

CHANNELS = (16, 48, 96)
PATCH_CHANNELS = (24, 40, 64)
SQUEEZE = 48
HIDDEN = 256

RIGHT_EYE = (RIGHT_EYE_CORNER, LANDMARK_IDS.index(133))
LEFT_EYE = (LEFT_EYE_CORNER, LANDMARK_IDS.index(362))
MOUTH = (LANDMARK_IDS.index(61), LANDMARK_IDS.index(291))
"""Landmarks whose middle is the middle of a patch."""

EYE_PX = (32, 32)
MOUTH_PX = (48, 32)
"""Width and height of a patch."""
EYE_SPAN = 0.68
MOUTH_SPAN = 1.05
"""Width of a patch in inter-ocular distances: an eye with its brow, a mouth wide open."""
EYE_FEATURES = 64
MOUTH_FEATURES = 96

LEAST_DISTANCE = 0.1
"""Inter-ocular distance in crops below which patches shrink no further."""


class Answer(NamedTuple):
    """What the student says of N crops.

    Attributes:
        points: (N, 136, 2) landmarks x and y, as fractions of the crop's side.
        blendshapes: (N, 51) logits.
        pose: (N, 3) pitch, yaw, roll in radians, of the crop.
        presence: (N,) logit of there being a face.
        coarse: (N, 136, 2) landmarks as the whole crop showed them, which placed the patches.
    """

    points: Tensor
    blendshapes: Tensor
    pose: Tensor
    presence: Tensor
    coarse: Tensor


class StudentNet(nn.Module):
    """Residual network (He et al. 2015) from an upright grey crop to everything of the layout.

    A first look at the whole crop finds the landmarks; a second one, at patches around both eyes
    and the mouth in full resolution, mends them and reads the blendshapes: where an iris points is
    a matter of a pixel. Regions cut by a first estimate: Grishchenko et al. 2020, "Attention Mesh".
    """

    def __init__(self) -> None:
        super().__init__()
        first, second, third = CHANNELS
        self.body = nn.Sequential(
            nn.PixelUnshuffle(2),  # (N, 4, 64, 64)
            *convolution(4, first, stride=2),  # (N, 16, 32, 32)
            Residual(first),
            *convolution(first, second, stride=2),  # (N, 48, 16, 16)
            Residual(second),
            *convolution(second, third, stride=2),  # (N, 96, 8, 8)
            Residual(third),
            *convolution(third, SQUEEZE, kernel=1),
            nn.Flatten(),
        )
        self.hidden = nn.Sequential(*dense(SQUEEZE * (CROP_PX // 16) ** 2, HIDDEN))
        self.coarse = nn.Linear(HIDDEN, 2 * N_LANDMARKS)
        self.eye = _patch_network(EYE_PX, EYE_FEATURES)
        self.mouth = _patch_network(MOUTH_PX, MOUTH_FEATURES)
        self.detail = nn.Sequential(*dense(HIDDEN + 2 * EYE_FEATURES + MOUTH_FEATURES, HIDDEN))
        self.mending = nn.Linear(HIDDEN, 2 * N_LANDMARKS)
        self.blendshapes = nn.Linear(HIDDEN, N_BLENDSHAPES)
        self.pose = nn.Linear(HIDDEN, N_POSE)
        self.presence = nn.Linear(HIDDEN, 1)

    def forward(self, crops: Tensor) -> Answer:
        """Read (N, 128, 128) float32 crops of grey values 0 to 255."""
        features = self.body(standardise(crops)).float()
        # Half precision, as in training, would round a landmark by a third of a pixel.
        with torch.autocast(features.device.type, enabled=False):
            hidden = self.hidden(features)
            coarse = self.coarse(hidden).unflatten(1, (N_LANDMARKS, 2))
            distance, eyes, mouths = _patches(crops, coarse.detach())
        n = crops.shape[0]
        eye_features = self.eye(standardise(eyes)).float()
        mouth_features = self.mouth(standardise(mouths)).float()
        with torch.autocast(features.device.type, enabled=False):
            detail = self.detail(
                torch.cat((hidden, eye_features[:n], eye_features[n:], mouth_features), dim=1)
            )
            mending = self.mending(detail).unflatten(1, (N_LANDMARKS, 2))
            return Answer(
                coarse + mending * distance[:, None, None],
                self.blendshapes(detail),
                self.pose(hidden),
                self.presence(hidden).squeeze(1),
                coarse,
            )


def _patch_network(size_px: tuple[int, int], features: int) -> nn.Sequential:
    width, height = size_px
    first, second, third = PATCH_CHANNELS
    return nn.Sequential(
        nn.PixelUnshuffle(2),
        *convolution(4, first),
        Residual(first),
        *convolution(first, second, stride=2),
        *convolution(second, third, stride=2),
        nn.Flatten(),
        *dense(third * (width // 8) * (height // 8), features),
    )


def _patches(crops: Tensor, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Patches around both eyes and the mouth of crops (N, 128, 128).

    Returns:
        The inter-ocular distance (N,), as a fraction of the crop's side; the right eyes and then
        the left ones in a mirror (2 N, 32, 32); the mouths (N, 32, 48).
    """
    line = points[:, LEFT_EYE_CORNER] - points[:, RIGHT_EYE_CORNER]
    distance = line.norm(dim=1).clamp_min(LEAST_DISTANCE)
    right, left, mouth = (
        points[:, list(pair)].mean(dim=1) for pair in (RIGHT_EYE, LEFT_EYE, MOUTH)
    )
    eyes = torch.cat(
        (
            _cut(crops, right, EYE_SPAN * distance, EYE_PX),
            _cut(crops, left, EYE_SPAN * distance, EYE_PX).flip(2),
        )
    )
    return distance, eyes, _cut(crops, mouth, MOUTH_SPAN * distance, MOUTH_PX)


def _cut(crops: Tensor, centre: Tensor, span: Tensor, size_px: tuple[int, int]) -> Tensor:
    """Upright patches (N, height, width) of a width `span` (N,) around centres (N, 2)."""
    width, height = size_px
    # grid_sample measures from the middle, in halves of a side.
    tall = span * (height / width)
    across = span[:, None] * _middles(width, crops) + (2 * centre[:, :1] - 1)  # (N, width)
    down = tall[:, None] * _middles(height, crops) + (2 * centre[:, 1:] - 1)  # (N, height)
    grid = torch.stack(
        (
            across[:, None, :].expand(-1, height, -1),
            down[:, :, None].expand(-1, -1, width),
        ),
        dim=3,
    )
    return functional.grid_sample(
        crops[:, None], grid, padding_mode="border", align_corners=False
    ).squeeze(1)


def _middles(pixels: int, like: Tensor) -> Tensor:
    """Middles of the pixels of a side that runs from -1 to 1."""
    return (2 * torch.arange(pixels, device=like.device) + 1) / pixels - 1
