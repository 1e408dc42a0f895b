import numpy as np
from numpy.typing import NDArray

from hoovik.audio.vad import VoiceDetector
from hoovik.audio.windows import window_centres_s, windows_at


def speech_centres_s(
    samples: NDArray[np.float32], detector: VoiceDetector, hop_s: float
) -> NDArray[np.float64]:
    """Centres (k,), in seconds, of a recording's windows in which a live session would hear speech.

    Args:
        samples: (n,) at 16 kHz.
        detector: tells speech from noise.
        hop_s: distance of the windows' centres in seconds.
    """
    centres_s = window_centres_s(samples.size, hop_s)
    windows = (windows_at(samples, centre_s[None])[0] for centre_s in centres_s)
    spoken = np.fromiter(map(detector.is_speech, windows), bool, len(centres_s))
    return np.asarray(centres_s[spoken], np.float64)
