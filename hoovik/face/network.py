from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional

from hoovik.face.layers import Residual, convolution, standardise

STRIDE = 8
"""Pixels of the detector's picture between two cells of its answer."""
DETECTOR_CHANNELS = (12, 24, 48, 64, 96)


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


class DetectorNet(nn.Module):
    """Faces as points of a heat map (Zhou et al. 2019, "Objects as Points"), at stride 8.

    Two coarser levels are added back in, so that a cell sees a face that fills the picture.
    """

    def __init__(self) -> None:
        super().__init__()
        stem, second, third, fourth, fifth = DETECTOR_CHANNELS
        self.fine = nn.Sequential(
            *convolution(1, stem, stride=2),
            *convolution(stem, second, stride=2),
            *convolution(second, third, stride=2),
            Residual(third),
        )
        self.middle = nn.Sequential(*convolution(third, fourth, stride=2), Residual(fourth))
        self.coarse = nn.Sequential(
            *convolution(fourth, fifth, stride=2), Residual(fifth), Residual(fifth)
        )
        self.from_coarse = nn.Conv2d(fifth, fourth, 1)
        self.from_middle = nn.Conv2d(fourth, third, 1)
        self.head = nn.Sequential(*convolution(third, third), nn.Conv2d(third, 6, 1))

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
