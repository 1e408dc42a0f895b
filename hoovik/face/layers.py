"""What the detector and the student are built from."""

import torch
from torch import Tensor, nn
from torch.nn import functional

DEVIATION_FLOOR = 6.0
"""Of grey values 0 to 255: what varies less is a wall, and is not stretched into a picture."""


class Residual(nn.Module):
    """Two 3x3 convolutions around which the input passes."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.change = nn.Sequential(
            *convolution(channels, channels),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, H, W) to the same."""
        return functional.relu(features + self.change(features))


def convolution(
    inputs: int, outputs: int, *, stride: int = 1, kernel: int = 3
) -> tuple[nn.Module, ...]:
    """A convolution that keeps the size (over the stride), normalised and rectified."""
    layer = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    return layer, nn.BatchNorm2d(outputs), nn.ReLU()


def dense(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    """A linear layer, normalised and rectified.

    So wide a layer has its rectifiers pushed shut by the first steps unless it is normalised.
    """
    return nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs), nn.ReLU()


def standardise(pictures: Tensor) -> Tensor:
    """(N, H, W) grey values to (N, 1, H, W) of zero mean and unit variance: light is no face."""
    mean = pictures.mean(dim=(1, 2), keepdim=True)
    centred = pictures - mean
    deviation = centred.square().mean(dim=(1, 2), keepdim=True).sqrt()
    return (centred / torch.clamp(deviation, min=DEVIATION_FLOOR)).unsqueeze(1)
