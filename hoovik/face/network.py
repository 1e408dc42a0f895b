from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from hoovik.layout import N_BLENDSHAPES, N_LANDMARKS, N_POSE

CROP_PX = 96
"""Side of the student's crop."""
STRIDE = 8
"""Pixels of the detector's picture between two cells of its answer."""
DEVIATION_FLOOR = 6.0
"""Of grey values 0 to 255: what varies less is a wall, and is not stretched into a picture."""

STUDENT_CHANNELS = (16, 32, 64, 96)
STUDENT_SQUEEZE = 48
STUDENT_HIDDEN = 256
DETECTOR_CHANNELS = (12, 24, 48, 64, 96)


class Answer(NamedTuple):
    """What the student says of N crops.

    Attributes:
        points: (N, 136, 2) landmarks x and y, as fractions of the crop's side.
        blendshapes: (N, 51) logits.
        pose: (N, 3) pitch, yaw, roll in radians, of the crop.
        presence: (N,) logit of there being a face.
    """

    points: Tensor
    blendshapes: Tensor
    pose: Tensor
    presence: Tensor


class Cells(NamedTuple):
    """What the detector says of each cell (i, j) of N pictures.

    Attributes:
        heat: (N, h, w) logit of a face being centred in the cell.
        shift: (N, 2, h, w) x and y from the cell's corner (STRIDE j, STRIDE i), in cells.
        side: (N, h, w) natural logarithm of the track's side, in cells.
        roll: (N, 2, h, w) cosine and sine of the roll, not of unit length.
    """

    heat: Tensor
    shift: Tensor
    side: Tensor
    roll: Tensor


class StudentNet(nn.Module):
    """Residual network (He et al. 2015) from an upright grey crop to everything of the layout."""

    def __init__(self) -> None:
        super().__init__()
        stem, second, third, fourth = STUDENT_CHANNELS
        cells = (CROP_PX // 16) ** 2
        self.body = nn.Sequential(
            *_convolution(1, stem, stride=2, kernel=5),  # (N, 16, 48, 48)
            *_convolution(stem, second, stride=2),  # (N, 32, 24, 24)
            Residual(second),
            *_convolution(second, third, stride=2),  # (N, 64, 12, 12)
            Residual(third),
            *_convolution(third, fourth, stride=2),  # (N, 96, 6, 6)
            Residual(fourth),
            Residual(fourth),
            *_convolution(fourth, STUDENT_SQUEEZE, kernel=1),
            nn.Flatten(),
        )
        # So wide a layer has its rectifiers pushed shut by the first steps unless it is normalised.
        self.hidden = nn.Sequential(
            nn.Linear(STUDENT_SQUEEZE * cells, STUDENT_HIDDEN, bias=False),
            nn.BatchNorm1d(STUDENT_HIDDEN),
            nn.ReLU(),
        )
        self.points = nn.Linear(STUDENT_HIDDEN, 2 * N_LANDMARKS)
        self.blendshapes = nn.Linear(STUDENT_HIDDEN, N_BLENDSHAPES)
        self.pose = nn.Linear(STUDENT_HIDDEN, N_POSE)
        self.presence = nn.Linear(STUDENT_HIDDEN, 1)

    def forward(self, crops: Tensor) -> Answer:
        """Read (N, 96, 96) float32 crops of grey values 0 to 255."""
        features = self.body(standardise(crops)).float()
        # Half precision, as in training, would round a landmark by a third of a pixel.
        with torch.autocast(features.device.type, enabled=False):
            hidden = self.hidden(features)
            return Answer(
                self.points(hidden).unflatten(1, (N_LANDMARKS, 2)),
                self.blendshapes(hidden),
                self.pose(hidden),
                self.presence(hidden).squeeze(1),
            )


class DetectorNet(nn.Module):
    """Faces as points of a heat map (Zhou et al. 2019, "Objects as Points"), at stride 8.

    Two coarser levels are added back in, so that a cell sees a face that fills the picture.
    """

    def __init__(self) -> None:
        super().__init__()
        stem, second, third, fourth, fifth = DETECTOR_CHANNELS
        self.fine = nn.Sequential(
            *_convolution(1, stem, stride=2),
            *_convolution(stem, second, stride=2),
            *_convolution(second, third, stride=2),
            Residual(third),
        )
        self.middle = nn.Sequential(*_convolution(third, fourth, stride=2), Residual(fourth))
        self.coarse = nn.Sequential(
            *_convolution(fourth, fifth, stride=2), Residual(fifth), Residual(fifth)
        )
        self.from_coarse = nn.Conv2d(fifth, fourth, 1)
        self.from_middle = nn.Conv2d(fourth, third, 1)
        self.head = nn.Sequential(*_convolution(third, third), nn.Conv2d(third, 6, 1))

    def forward(self, pictures: Tensor) -> Cells:
        """Search (N, H, W) float32 pictures of grey values 0 to 255, of any size."""
        fine = self.fine(standardise(pictures))
        middle = self.middle(fine)
        coarse = self.from_coarse(self.coarse(middle))
        middle = functional.relu(middle + functional.interpolate(coarse, size=middle.shape[-2:]))
        middle = self.from_middle(middle)
        fine = functional.relu(fine + functional.interpolate(middle, size=fine.shape[-2:]))
        answer = self.head(fine)
        return Cells(answer[:, 0], answer[:, 1:3], answer[:, 3], answer[:, 4:6])


class Residual(nn.Module):
    """Two 3x3 convolutions around which the input passes."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.change = nn.Sequential(
            *_convolution(channels, channels),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, H, W) to the same."""
        return functional.relu(features + self.change(features))


def standardise(pictures: Tensor) -> Tensor:
    """(N, H, W) grey values to (N, 1, H, W) of zero mean and unit variance: light is no face."""
    mean = pictures.mean(dim=(1, 2), keepdim=True)
    centred = pictures - mean
    deviation = centred.square().mean(dim=(1, 2), keepdim=True).sqrt()
    return (centred / torch.clamp(deviation, min=DEVIATION_FLOOR)).unsqueeze(1)


def _convolution(
    inputs: int, outputs: int, *, stride: int = 1, kernel: int = 3
) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    return convolution, nn.BatchNorm2d(outputs), nn.ReLU()
