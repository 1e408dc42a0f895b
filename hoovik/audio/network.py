import torch
from torch import Tensor, nn

from hoovik.audio.logmel import N_MELS, LogMel
from hoovik.layout import AUDIO_DIM

CHANNELS = (24, 48, 80, 128)
POOLED_CHANNELS = AUDIO_DIM // 2
EPSILON = 1e-5


class SpeechNet(nn.Module):
    """Convolutional network over a log-mel spectrogram, pooled by statistics.

    Three strided convolutions shrink frequency, a fourth spans all that is left of it, and the
    mean and standard deviation over time of its 512 channels are the embedding, brought to zero
    mean and unit variance. Statistics pooling: Snyder et al. 2018, "X-vectors".
    """

    def __init__(self) -> None:
        super().__init__()
        stem, second, third, fourth = CHANNELS
        self.log_mel = LogMel()
        self.body = nn.Sequential(
            *_block(1, stem, stride=(2, 1)),  # (N, 24, 32, 57)
            *_block(stem, second, stride=(2, 2)),  # (N, 48, 16, 29)
            *_block(second, third, stride=(2, 1)),  # (N, 80, 8, 29)
            *_block(third, fourth, stride=(2, 1)),  # (N, 128, 4, 29)
        )
        self.collapse = nn.Sequential(  # (N, 512, 1, 27)
            nn.Conv2d(fourth, POOLED_CHANNELS, (N_MELS // 16, 3), bias=False),
            nn.BatchNorm2d(POOLED_CHANNELS),
            nn.ReLU(),
        )
        self.standardise = nn.BatchNorm1d(AUDIO_DIM, affine=False)

    def forward(self, windows: Tensor) -> Tensor:
        """(N, 9600) float32 samples to (N, 1024) float32 embeddings."""
        return self.embed(self.log_mel(windows))

    def embed(self, log_mel: Tensor) -> Tensor:
        """(N, 64, 57) float32 log-mel to (N, 1024) float32 embeddings."""
        # Convolutions may be of a 16-bit type; what is summed up over time is not.
        maps = log_mel[:, None].to(next(self.body.parameters()).dtype)  # (N, 1, 64, 57)
        channels = self.collapse(self.body(maps)).squeeze(2).float()  # (N, 512, 27)
        mean = channels.mean(dim=2)
        # The root has no slope at 0, where dead channels stand.
        deviation = (channels.var(dim=2, correction=0) + EPSILON).sqrt()
        embeddings: Tensor = self.standardise(torch.cat((mean, deviation), dim=1))
        return embeddings


def _block(inputs: int, outputs: int, stride: tuple[int, int]) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
    return convolution, nn.BatchNorm2d(outputs), nn.ReLU()
