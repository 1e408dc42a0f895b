"""The windows of a recording that hold speech, as a live session would judge them."""

import numpy as np
from numpy.typing import NDArray

from hoovik.audio.vad import VoiceDetector
from hoovik.audio.windows import window_centres_s, windows_at


def speech_windows(
    samples: NDArray[np.float32], detector: VoiceDetector, hop_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Windows of a clip that hold speech.

    Args:
        samples: (n,) at 16 kHz.
        detector: tells speech from noise.
        hop_s: distance of the windows' centres in seconds.

    Returns:
        Their centres (k,) in seconds and the windows (k, 9600).
    """
    centres_s = window_centres_s(samples.size, hop_s)
    windows = windows_at(samples, centres_s)
    spoken = np.array([detector.is_speech(window) for window in windows], bool)
    return centres_s[spoken], windows[spoken]
