import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from hoovik.layout import SAMPLE_RATE

N_FFT = 512
HOP = 160
N_MELS = 64
LOWEST_HZ = 60.0
HIGHEST_HZ = 7_600.0
FLOOR = 1e-5
"""Added to a band's power, the window's mean being 1: what lies 50 dB below it is room and codec."""
SILENCE = 1e-12
"""Added to the mean power, so that digital silence is divided by something."""


def hz_to_mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mel scale of O'Shaughnessy, 2595 log10(1 + f / 700)."""
    return 2595 * np.log10(1 + hz / 700)


def mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inverse of `hz_to_mel`."""
    return 700 * (10 ** (mel / 2595) - 1)


def band_edges_hz() -> NDArray[np.float64]:
    """(66,) corners: band b rises from edge b, peaks at b + 1 and ends at b + 2."""
    lowest, highest = hz_to_mel(np.array([LOWEST_HZ, HIGHEST_HZ]))
    return mel_to_hz(np.linspace(lowest, highest, N_MELS + 2))


def mel_filter_bank() -> NDArray[np.float32]:
    """(257, 64) float32: triangles of equal width on the mel scale, each of sum 1."""
    edges = band_edges_hz()
    bins_hz = np.fft.rfftfreq(N_FFT, 1 / SAMPLE_RATE)[:, None]
    rising = (bins_hz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins_hz) / (edges[2:] - edges[1:-1])
    triangles = np.maximum(np.minimum(rising, falling), 0)
    return np.asarray(triangles / triangles.sum(axis=0), np.float32)


class LogMel(nn.Module):
    """Log-mel spectrogram of 0.6 s windows, level removed.

    Frames of 32 ms every 10 ms. Power is taken relative to the window's mean and the mean of the
    logarithms is subtracted: how near the microphone stands, and what the browser's gain control
    does, is not the voice's doing.
    """

    taper: Tensor
    bank: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("taper", torch.hann_window(N_FFT), persistent=False)
        self.register_buffer("bank", torch.from_numpy(mel_filter_bank()), persistent=False)

    def forward(self, windows: Tensor) -> Tensor:
        """(N, 9600) float32 samples to (N, 64, 57) float32, natural logarithm of power."""
        frames = windows.unfold(-1, N_FFT, HOP) * self.taper  # (N, 57, 512)
        power = torch.fft.rfft(frames).abs().square() @ self.bank  # (N, 57, 64)
        relative = power / (power.mean(dim=(1, 2), keepdim=True) + SILENCE)
        log_mel = (relative + FLOOR).log()
        levelled: Tensor = log_mel - log_mel.mean(dim=(1, 2), keepdim=True)
        return levelled.transpose(1, 2)
