from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from hoovik.compiled import channels_last, compiled
from hoovik.face.layers import Residual, convolution, standardise
from hoovik.face.student_network import CROP_PX
from hoovik.layout import EXPRESSION_DIM

Expression = Callable[[Tensor], Tensor]
"""An ExpressionNet, compiled or not."""

SIDE_PX = 48
"""Side of what the network looks at: the pictures that it learned from have no more."""

CHANNELS = (24, 48, 96, 192)
DROPOUT = 0.3


class ExpressionNet(nn.Module):
    """Residual network (He et al. 2015) from the student's crop to the emotion that is shown.

    It learned from pictures whose taggers disagreed (Barsoum et al. 2016, "Training deep networks
    for facial expression recognition with crowd-sourced label distribution").
    """

    def __init__(self) -> None:
        super().__init__()
        first, second, third, fourth = CHANNELS
        self.body = nn.Sequential(
            nn.PixelUnshuffle(2),  # (N, 4, 24, 24)
            *convolution(4, first),
            *convolution(first, second, stride=2),  # (N, 48, 12, 12)
            Residual(second),
            *convolution(second, third, stride=2),  # (N, 96, 6, 6)
            Residual(third),
            *convolution(third, fourth, stride=2),  # (N, 192, 3, 3)
            Residual(fourth),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Dropout(DROPOUT),
        )
        self.emotions = nn.Linear(fourth, EXPRESSION_DIM)

    def forward(self, crops: Tensor) -> Tensor:
        """Logits (N, 6) of `EMOTIONS` for (N, 128, 128) float32 crops of grey values 0 to 255."""
        small = functional.adaptive_avg_pool2d(crops.unsqueeze(1), SIDE_PX).squeeze(1)
        logits: Tensor = self.emotions(self.body(standardise(small)))
        return logits


def compiled_expression(network: ExpressionNet) -> torch.jit.ScriptModule:
    """The network for inference, laid out as the student's."""
    crop = torch.zeros(1, CROP_PX, CROP_PX)
    return compiled(channels_last(network), crop, rearrange=False)


def expressions(network: Expression, views: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Logits (N, 6) float32 of the student's crops (128, 128)."""
    if not views:
        return np.empty((0, EXPRESSION_DIM), np.float32)
    with torch.inference_mode():
        return network(torch.from_numpy(np.stack(views).astype(np.float32))).numpy()
