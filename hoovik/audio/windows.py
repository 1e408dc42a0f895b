"""Windows of a whole clip, by the same arithmetic as live: a window ends 0.3 s after its centre."""

import numpy as np
from numpy.typing import NDArray

from hoovik.layout import SAMPLE_RATE, WINDOW_S, WINDOW_SAMPLES


def window_centres_s(n_samples: int, hop_s: float) -> NDArray[np.float64]:
    """Centres of all windows that lie wholly inside a clip of n samples, every `hop_s` seconds.

    Returns:
        (k,) float64, in seconds: 0.3, 0.3 + hop_s, ...; empty for a clip under 0.6 s.
    """
    if n_samples < WINDOW_SAMPLES:
        return np.empty(0)
    spare_s = (n_samples - WINDOW_SAMPLES) / SAMPLE_RATE
    # The tolerance keeps the last window of a clip that is a whole number of hops long.
    steps = np.arange(int(spare_s / hop_s + 1e-9) + 1, dtype=np.float64)
    return np.asarray(WINDOW_S / 2 + hop_s * steps, np.float64)


def windows_at(
    samples: NDArray[np.float32],
    centres_s: NDArray[np.float64],
    context_samples: int = WINDOW_SAMPLES,
) -> NDArray[np.float32]:
    """Cut windows out of a clip, each with what an encoder hears before it.

    Args:
        samples: (n,) float32 at 16 kHz.
        centres_s: (k,) of the windows, times in the clip, in seconds.
        context_samples: that the encoder hears; the last 9,600 of them are the window.

    Returns:
        (k, context_samples) float32; zeros where they reach beyond the clip.
    """
    ends = np.rint((np.asarray(centres_s) + WINDOW_S / 2) * SAMPLE_RATE).astype(np.int64)
    index = ends[:, None] + np.arange(-context_samples, 0)
    inside = (index >= 0) & (index < samples.size)
    if samples.size == 0:
        return np.zeros(index.shape, np.float32)
    return np.where(inside, samples[np.where(inside, index, 0)], np.float32(0))
