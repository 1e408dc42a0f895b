"""What rooms, microphones and codecs do to a voice, and what other speakers would sound like."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import soxr
import torch
from numpy.typing import NDArray
from pydantic import ConfigDict
from torch import Tensor

from hoovik.layout import SAMPLE_RATE, WINDOW_SAMPLES

LONGEST_CROP = 1.2
"""Samples a window may need before its speed is changed, in windows."""


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How often and how far a training window is changed.

    Attributes:
        speed_share, speed: share of windows played faster or slower, pitch with it, and the
            largest factor (1.15: between 1 / 1.15 and 1.15).
        filter_share: share with a random spectral tilt and band limits.
        noise_share, noise_snr_db: share with noise of a random colour, and its range in dB.
        babble_share, babble_snr_db: share with another voice of the batch behind it.
        band_masks, band_mask: SpecAugment masks over frequency and their largest width in bands.
        time_mask: largest SpecAugment mask over time, in frames.
        mixup_share, mixup_alpha: share of batches mixed up, and the Beta parameter.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    speed_share: float = 0.7
    speed: float = 1.18
    filter_share: float = 0.5
    noise_share: float = 0.4
    noise_snr_db: tuple[float, float] = (5.0, 35.0)
    babble_share: float = 0.1
    babble_snr_db: tuple[float, float] = (8.0, 25.0)
    band_masks: int = 2
    band_mask: int = 10
    time_mask: int = 12
    mixup_share: float = 0.5
    mixup_alpha: float = 0.3


def crop(
    samples: NDArray[np.float32], centre_s: float, how: Augmentation, rng: np.random.Generator
) -> NDArray[np.float32]:
    """One window (9600,) near a centre of a clip (n,), its speed changed now and then."""
    factor = 1.0
    if rng.random() < how.speed_share:
        factor = float(np.exp(rng.uniform(-1, 1) * np.log(how.speed)))
    length = int(np.ceil(WINDOW_SAMPLES * factor)) + 1
    start = int(centre_s * SAMPLE_RATE) - length // 2 + int(rng.integers(-800, 801))
    start = max(0, min(start, samples.size - length))
    piece = samples[start : start + length]
    if factor != 1:
        piece = soxr.resample(piece, factor * SAMPLE_RATE, SAMPLE_RATE, quality="MQ")
    window = np.zeros(WINDOW_SAMPLES, np.float32)
    window[: piece.size] = piece[:WINDOW_SAMPLES]
    return window


def roughen(windows: Tensor, how: Augmentation, rng: np.random.Generator) -> Tensor:
    """Filter (N, n) windows of one length and put noise and other voices behind them."""
    n = len(windows)
    power = windows.square().mean(dim=1, keepdim=True)  # (N, 1)
    behind = _behind(n, how.noise_share, how.noise_snr_db, rng)
    colour = _tensor(rng.uniform(0, 1.2, (n, 1)))
    bins = torch.fft.rfft(windows)  # (N, n // 2 + 1)
    frequency = torch.linspace(0, 1, bins.shape[1]).clamp_min(1e-3)
    noise = torch.fft.irfft(
        torch.fft.rfft(_tensor(rng.standard_normal(windows.shape))) * frequency**-colour,
        n=windows.shape[1],
    )
    noise = noise / noise.square().mean(dim=1, keepdim=True).sqrt()
    filtered = torch.fft.irfft(bins * _filters(n, frequency, how, rng), n=windows.shape[1])
    voices = windows.roll(1, dims=0)
    voices = voices / (voices.square().mean(dim=1, keepdim=True) + 1e-12).sqrt()
    babble = _behind(n, how.babble_share, how.babble_snr_db, rng)
    rough: Tensor = filtered + power.sqrt() * (behind * noise + babble * voices)
    return rough


def mask(log_mel: Tensor, how: Augmentation, rng: np.random.Generator) -> Tensor:
    """SpecAugment (Park et al. 2019): blank bands and frames of (N, bands, frames), to the mean."""
    n, bands, frames = log_mel.shape
    keep = torch.ones(n, bands, frames, dtype=torch.bool)
    for _ in range(how.band_masks):
        keep &= ~_spans(n, bands, how.band_mask, rng)[:, :, None]
    keep &= ~_spans(n, frames, how.time_mask, rng)[:, None, :]
    return log_mel * keep


def mix(
    log_mel: Tensor, targets: Tensor, how: Augmentation, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Mixup (Zhang et al. 2018) of inputs (N, bands, frames) and targets (N, classes)."""
    if rng.random() >= how.mixup_share:
        return log_mel, targets
    share = float(rng.beta(how.mixup_alpha, how.mixup_alpha))
    order = torch.from_numpy(rng.permutation(len(log_mel)))
    return (
        share * log_mel + (1 - share) * log_mel[order],
        share * targets + (1 - share) * targets[order],
    )


def _behind(n: int, share: float, snr_db: tuple[float, float], rng: np.random.Generator) -> Tensor:
    amplitude = 10 ** (-rng.uniform(*snr_db, (n, 1)) / 20)
    return _tensor(amplitude * (rng.random((n, 1)) < share))


def _filters(n: int, frequency: Tensor, how: Augmentation, rng: np.random.Generator) -> Tensor:
    """(N, bins) gains: a tilt of up to 4 dB an octave, and the band limits of a narrow line."""
    tilt = _tensor(rng.uniform(-0.66, 0.66, (n, 1)))
    lowest = _tensor(rng.uniform(0, 0.04, (n, 1)))
    highest = _tensor(rng.uniform(0.42, 1.4, (n, 1)))
    edges = torch.sigmoid((frequency - lowest) / 0.005) * torch.sigmoid(
        (highest - frequency) / 0.02
    )
    gains = (frequency / 0.1) ** tilt * edges
    return torch.where(_tensor(rng.random((n, 1))) < how.filter_share, gains, 1.0)


def _spans(n: int, size: int, longest: int, rng: np.random.Generator) -> Tensor:
    width = rng.integers(0, longest + 1, (n, 1))
    start = rng.integers(0, size - width + 1)
    position = np.arange(size)
    return torch.from_numpy((position >= start) & (position < start + width))


def _tensor(array: NDArray[np.float64] | NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(np.asarray(array, np.float32))
