"""What is wrong with the sound of a voice: over-driven, buried in noise, or music.

Music is told from speech by its lines: partials of a held note stay at one frequency, those of a
voice glide (Seyerlehner et al. 2007, "Automatic music detection in television productions"). Noise
is what a band never falls below (Martin 2001, "Noise power spectral density estimation based on
optimal smoothing and minimum statistics").
"""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from hoovik.layout import SAMPLE_RATE, WINDOW_SAMPLES
from hoovik.schema.reason import Reason

JUDGED_SAMPLES = 2 * SAMPLE_RATE
"""Music and noise show over more than a window; over longer than this a speaker pauses."""

CLIPPED_SPREAD = 1.4
"""Of absolute samples, the 99th percentile over the 90th. Cut at full scale they are alike; a
resampler makes them swing around it, but not far."""

NOISY_SNR_DB = 7.0
"""As minimum statistics see it: some 5 dB above what was added, as a voice never quite stops."""

MUSIC_LINES = 7.0
"""Lines on average over the context."""

FRAME_SAMPLES = 1024
_TAPER = np.hanning(FRAME_SAMPLES).astype(np.float32)

FLOOR_QUANTILE = 0.1
_BAND_STARTS = np.arange(1, FRAME_SAMPLES // 2, 32)
"""First bins of 16 bands of 500 Hz."""

_LINE_BINS = slice(6, 257)
"""94 Hz to 4 kHz: a telephone carries no more, and lines above are faint."""
_AROUND_BINS = 21
_LINE_LOG_POWER = 1.38
"""A line is 6 dB above the mean around it."""
_LINE_FRAMES = 4
"""It lasts for a quarter of a second."""

_SILENCE = 1e-9


def sound_faults(samples: NDArray[np.float32]) -> tuple[Reason, ...]:
    """What is wrong with the newest samples of a voice, (n,) float32 at 16 kHz, which hold speech.

    Args:
        samples: at most `JUDGED_SAMPLES`; the last window decides on clipping, all of them on the
            rest. With less than a frame nothing is known of that.
    """
    found = [Reason.CLIPPED] if _is_clipped(samples[-WINDOW_SAMPLES:]) else []
    frames = samples[samples.size % FRAME_SAMPLES :].reshape(-1, FRAME_SAMPLES)
    if len(frames):
        spectra = fft.rfft(frames * _TAPER)  # (k, 513)
        power = spectra.real**2 + spectra.imag**2
        # A chord is as steady as noise; which of the two it is, its lines say.
        if _line_count(power) > MUSIC_LINES:
            found.append(Reason.MUSIC)
        elif _snr_db(power) < NOISY_SNR_DB:
            found.append(Reason.NOISY)
    return tuple(found)


def _is_clipped(window: NDArray[np.float32]) -> bool:
    high, highest = int(0.9 * window.size), int(0.99 * window.size)
    ordered = np.partition(np.abs(window), (high, highest))
    return bool(ordered[highest] < CLIPPED_SPREAD * ordered[high])


def _snr_db(power: NDArray[np.float32]) -> float:
    bands = np.add.reduceat(power[:, :-1], _BAND_STARTS, axis=1)  # (k, 16)
    lowest = int(FLOOR_QUANTILE * (len(bands) - 1))
    floor = np.partition(bands, lowest, axis=0)[lowest].sum()
    return float(10 * np.log10((bands.mean(axis=0).sum() + _SILENCE) / (floor + _SILENCE)))


def _line_count(power: NDArray[np.float32]) -> float:
    """Bins that stand out of their surroundings and go on doing so, on average over the frames."""
    if len(power) < _LINE_FRAMES:
        return 0.0
    logs = np.log(power[:, _LINE_BINS] + np.float32(_SILENCE))
    sums = np.cumsum(logs, axis=1)
    around = (sums[:, _AROUND_BINS:] - sums[:, :-_AROUND_BINS]) / _AROUND_BINS
    middle = _AROUND_BINS // 2 + 1
    stands_out = logs[:, middle : middle + around.shape[1]] - around > _LINE_LOG_POWER
    goes_on = stands_out[: len(power) - _LINE_FRAMES + 1].copy()
    for later in range(1, _LINE_FRAMES):
        goes_on &= stands_out[later : later + len(goes_on)]
    return np.count_nonzero(goes_on) / len(goes_on)
