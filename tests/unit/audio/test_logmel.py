import numpy as np
import pytest
import torch

from hoovik.audio.logmel import (
    N_MELS,
    LogMel,
    band_edges_hz,
    hz_to_mel,
    mel_filter_bank,
    mel_to_hz,
)
from hoovik.layout import WINDOW_SAMPLES

SECONDS = torch.arange(WINDOW_SAMPLES, dtype=torch.float64) / 16_000


def tone(hz: float) -> torch.Tensor:
    return (0.3 * torch.sin(2 * torch.pi * hz * SECONDS)).float()[None]


def test_the_mel_scale_has_its_published_values() -> None:
    assert hz_to_mel(np.array([0.0, 700.0])) == pytest.approx([0, 2595 * np.log10(2)])
    assert hz_to_mel(np.array([1000.0])) == pytest.approx([1000], abs=0.1)
    assert mel_to_hz(hz_to_mel(np.array([60.0, 440.0, 7600.0]))) == pytest.approx([60, 440, 7600])


def test_the_bands_span_60_to_7600_hz_and_none_is_empty() -> None:
    edges = band_edges_hz()
    assert (edges[0], edges[-1]) == pytest.approx((60, 7600))
    bank = mel_filter_bank()
    assert bank.shape == (257, N_MELS)
    assert bank.sum(axis=0) == pytest.approx(np.ones(N_MELS), abs=1e-5)


@pytest.mark.parametrize("band", [10, 25, 40, 55, 63])
def test_a_tone_is_loudest_in_the_band_that_peaks_at_its_pitch(band: int) -> None:
    (log_mel,) = LogMel()(tone(float(band_edges_hz()[band + 1])))
    assert log_mel.shape == (64, 57)
    assert set(log_mel.argmax(dim=0).tolist()) == {band}


def test_ten_times_the_amplitude_is_a_hundred_times_the_power() -> None:
    low, high = (float(band_edges_hz()[band + 1]) for band in (20, 45))

    def difference(amplitude: float) -> torch.Tensor:
        (log_mel,) = LogMel()(tone(low) + amplitude * tone(high))
        return log_mel[45] - log_mel[20]

    assert (difference(0.3) - difference(0.03)).numpy() == pytest.approx(np.log(100), abs=0.05)


def test_a_later_tone_shows_in_later_frames() -> None:
    window = tone(1_000)
    window[:, :4_800] = 0
    (log_mel,) = LogMel()(window)
    loud = log_mel.max(dim=0).values > 0
    # Frame k spans samples 160 k to 160 k + 512.
    assert not loud[: (4_800 - 512) // 160 + 1].any()
    assert loud[4_800 // 160 :].all()


@pytest.mark.parametrize("gain", [0.01, 0.1, 3.0])
def test_how_loud_it_is_does_not_matter(gain: float) -> None:
    noise = torch.from_numpy(
        np.random.default_rng(0).uniform(-0.3, 0.3, (2, WINDOW_SAMPLES)).astype(np.float32)
    )
    mel = LogMel()
    assert torch.allclose(mel(noise), mel(gain * noise), atol=1e-3)


def test_the_mean_is_taken_out_of_each_window() -> None:
    windows = torch.cat([tone(200), tone(3_000)])
    assert LogMel()(windows).mean(dim=(1, 2)).abs().max() < 1e-5


def test_digital_silence_is_flat() -> None:
    assert LogMel()(torch.zeros(1, WINDOW_SAMPLES)).abs().max() < 1e-6
