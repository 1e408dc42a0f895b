"""Which frames are periodic, as vowels are: peaks of the short-time autocorrelation.

The normalisation by the taper's own autocorrelation is Boersma's (1993, "Accurate short-term
analysis of the fundamental frequency").
"""

import numpy as np
from numpy.typing import NDArray

from hoovik.layout import SAMPLE_RATE

FRAME_SAMPLES = 480
SPAN_SAMPLES = 640
"""A frame of 30 ms is judged by the 40 ms around it: three periods of a low voice."""

N_FFT = 1024
HIGHEST_PITCH_HZ = 400
LOWEST_PITCH_HZ = 70
BAND_HZ = (250.0, 1500.0)
"""Harmonics of a voice are strong here; mains hum at 50 to 200 Hz is not here at all."""

MIN_PERIODICITY = 0.5
MIN_BAND_DBFS = -65.0
MIN_BAND_SHARE = 0.01
"""Below this the band holds what leaks out of a hum, or the hiss of a converter."""

_TAPER = np.hanning(SPAN_SAMPLES).astype(np.float32)
_LAGS = slice(SAMPLE_RATE // HIGHEST_PITCH_HZ, SAMPLE_RATE // LOWEST_PITCH_HZ + 1)


def _taper_autocorrelation() -> NDArray[np.float64]:
    power = np.abs(np.fft.rfft(_TAPER, N_FFT)) ** 2
    correlation = np.fft.irfft(power)
    return np.asarray(correlation[_LAGS] / correlation[0], np.float64)


_TAPER_AT_LAGS = _taper_autocorrelation()
_FREQUENCIES_HZ = np.fft.rfftfreq(N_FFT, 1 / SAMPLE_RATE)
_IN_BAND = (BAND_HZ[0] < _FREQUENCIES_HZ) & (BAND_HZ[1] > _FREQUENCIES_HZ)
_FULL_SCALE = N_FFT / 2 * float(np.sum(_TAPER**2))


def voiced_frames(samples: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Judge (480 k,) float32 samples at 16 kHz, one answer for each 30 ms frame: (k,) bool."""
    margin = (SPAN_SAMPLES - FRAME_SAMPLES) // 2
    spans = np.lib.stride_tricks.sliding_window_view(np.pad(samples, margin), SPAN_SAMPLES)
    power = np.abs(np.fft.rfft(spans[::FRAME_SAMPLES] * _TAPER, N_FFT)) ** 2  # (k, 513)
    band = np.where(_IN_BAND, power, 0)
    energy = band.sum(axis=1)
    audible = (energy > _FULL_SCALE * 10 ** (MIN_BAND_DBFS / 10)) & (
        energy > MIN_BAND_SHARE * power.sum(axis=1)
    )
    correlation = np.fft.irfft(band)  # (k, 1024)
    peak = (correlation[:, _LAGS] / _TAPER_AT_LAGS).max(axis=1)
    return np.asarray(audible & (peak > MIN_PERIODICITY * correlation[:, 0]), bool)
