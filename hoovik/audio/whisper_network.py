import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from hoovik.audio.transformer import Place, TransformerLayer, at_work
from hoovik.layout import AUDIO_DIM, CONTEXT_SAMPLES, SAMPLE_RATE, WINDOW_SAMPLES

N_MELS = 80
N_FFT = 400
HOP = 160
FLOOR = 1e-10
RANGE = 8.0
"""Decades of power below the loudest that are heard."""

FRAMES = CONTEXT_SAMPLES["whisper"] // (2 * HOP)
"""100 of 20 ms in 2 s: the second convolution takes every other one."""

WINDOW_FRAMES = WINDOW_SAMPLES // (2 * HOP)

LAYERS = 3
"""Of the encoder's four: its middle hears how something is said, its end comes to what. A logistic
regression by speaker on RAVDESS, EMO-DB, EMOVO and nEMO without test speakers reads clips with a
UAR of 0.57 from mean and deviation after all four layers, 0.65 after three, 0.66 after two, and 0.69
from what is taken here (of corpora that it did not learn from: 0.42, 0.47, 0.49, 0.50)."""

LEVEL = 0.05
"""Root mean square that the window is brought to: a microphone's gain is not the voice's doing."""
SILENCE = 1e-5
"""Added to the window's own, so that digital silence is divided by something."""


class WhisperLogMel(nn.Module):
    """Whisper's log-mel spectrogram: 80 bands, frames of 25 ms every 10 ms.

    The arithmetic of transformers' `WhisperFeatureExtractor` on sound of any length: logarithms of
    power, cut off eight decades below the loudest, and brought to about -1 to 1.5.
    """

    taper: Tensor
    bank: Tensor

    def __init__(self) -> None:
        from transformers.audio_utils import mel_filter_bank

        super().__init__()
        bank = mel_filter_bank(
            N_FFT // 2 + 1,
            N_MELS,
            min_frequency=0.0,
            max_frequency=SAMPLE_RATE / 2,
            sampling_rate=SAMPLE_RATE,
            norm="slaney",
            mel_scale="slaney",
        )
        self.register_buffer("taper", torch.hann_window(N_FFT))
        self.register_buffer("bank", torch.from_numpy(bank).float())  # (201, 80)

    def forward(self, sounds: Tensor) -> Tensor:
        """(N, n) float32 samples to (N, n / 160, 80) float32."""
        bins = torch.stft(sounds, N_FFT, HOP, window=self.taper, return_complex=True)
        power = bins[..., :-1].abs().square().transpose(1, 2)  # (N, T, 201)
        log_mel = (power @ self.bank).clamp_min(FLOOR).log10()
        loudest = log_mel.amax(dim=(1, 2), keepdim=True)
        scaled: Tensor = (torch.maximum(log_mel, loudest - RANGE) + 4) / 4
        return scaled


class WhisperNetwork(nn.Module):
    """Most of Whisper's encoder, from 2 s of sound to statistics of the last 0.6 s of it.

    The mean after the second layer (384), the mean after the third (384), and the deviation after
    the second, brought from 384 to 256 by a fixed orthonormal projection. Convolutions and layers of transformers' `WhisperEncoder` with its table of positions cut
    to 100, for inference alone. All frames are heard; the last layer computes those of the window
    alone. Frames lie along the rows of each matrix, so that convolutions are products with their
    overlapping pieces. Paper: Radford et al. 2022, "Robust speech recognition via large-scale weak
    supervision".
    """

    positions: Tensor
    projection: Tensor

    def __init__(self, model: Any, dtype: torch.dtype, device: torch.device | str = "cpu") -> None:
        """Copy the weights of a `WhisperEncoder` in float32 to a type and a device."""
        super().__init__()
        self.dtype = dtype
        place = Place(dtype, device)
        self.log_mel = WhisperLogMel().to(device)
        self.convolutions = nn.ModuleList(
            Convolution(layer, place) for layer in (model.conv1, model.conv2)
        )
        self.register_buffer("positions", place(model.embed_positions.weight[:FRAMES]))
        self.layers = nn.ModuleList(
            transformer_layer(layer, place) for layer in model.layers[:LAYERS]
        )
        width = model.config.d_model
        self.register_buffer("projection", cosines(width, AUDIO_DIM - 2 * width).to(device))

    def forward(self, sounds: Tensor) -> Tensor:
        """(N, 32000) float32 samples to (N, 1024) float32."""
        second, third = self.hidden(levelled(sounds))
        deviation, mean = torch.std_mean(second, dim=1, correction=0)
        return torch.cat((mean, third.mean(dim=1), deviation @ self.projection), dim=1)

    def hidden(self, sounds: Tensor) -> tuple[Tensor, Tensor]:
        """(N, 32000) float32 samples to (N, 30, 384) float32 after the second and the third layer.

        Of the 100 frames those of the window.
        """
        frames = self.log_mel(sounds).to(self.dtype)
        for convolution in self.convolutions:
            frames = convolution(frames)
        first, second, third = self.layers
        hidden = second(first(frames + self.positions))  # (N, 100, 384)
        window: Tensor = hidden[:, -WINDOW_FRAMES:].float()
        return window, third(hidden, newest=WINDOW_FRAMES).float()


class Convolution(nn.Module):
    """A padded convolution over time and a GELU."""

    def __init__(self, layer: nn.Conv1d, place: Place) -> None:
        super().__init__()
        (self.kernel,), (self.stride,) = layer.kernel_size, layer.stride
        weight = layer.weight.transpose(1, 2).flatten(1)  # (outputs, kernel * inputs)
        assert layer.bias is not None
        self.product = place.product(weight, layer.bias)

    def forward(self, frames: Tensor) -> Tensor:
        """(N, T, inputs) to (N, T / stride, outputs)."""
        padded = functional.pad(frames, (0, 0, self.kernel // 2, self.kernel // 2))
        pieces = padded.unfold(1, self.kernel, self.stride)  # (N, T', inputs, kernel)
        return functional.gelu(self.product(pieces.transpose(2, 3).flatten(2)))


def levelled(sounds: Tensor) -> Tensor:
    """(N, n) float32 samples, scaled so that the window at their end is as loud as any other."""
    power = sounds[:, -WINDOW_SAMPLES:].square().mean(dim=1, keepdim=True)
    scaled: Tensor = sounds * (LEVEL / (power.sqrt() + SILENCE))
    return scaled


def cosines(inputs: int, outputs: int) -> Tensor:
    """(inputs, outputs) float32: the first columns of the DCT-IV, orthonormal."""
    angles = torch.outer(torch.arange(inputs) + 0.5, torch.arange(outputs) + 0.5)
    matrix = math.sqrt(2 / inputs) * torch.cos(math.pi / inputs * angles.double())
    return matrix.float()


def transformer_layer(layer: Any, place: Place) -> TransformerLayer:
    """A layer like one of a `WhisperEncoder`."""
    return TransformerLayer(
        layer.self_attn,
        layer.self_attn_layer_norm,
        layer.fc1,
        layer.fc2,
        layer.final_layer_norm,
        place,
    )


def one_layer(
    model: Any, dtype: torch.dtype, device: torch.device | str = "cpu"
) -> Callable[[], Tensor]:
    """The first transformer layer at work on four windows, to time a type by."""
    return at_work(transformer_layer(model.layers[0], Place(dtype, device)), FRAMES)
