import numpy as np
import webrtcvad
from numpy.typing import NDArray

from hoovik.audio.voicing import FRAME_SAMPLES, voiced_frames
from hoovik.layout import SAMPLE_RATE

TARGET_RMS = 0.1
MAX_GAIN = 10.0


class VoiceDetector:
    """Says how much of a window is speech: WebRTC's detector and a test of periodicity agree.

    The window alone decides. Nothing is carried from one window to the next, so a replay gives
    the same answers as the meeting did, however its chunks were cut.

    WebRTC's detector judges by level within six bands; from a cold start it takes most steady
    noise above -35 dBFS for speech, and misses quiet voices. So quiet windows are raised by up to
    20 dB, and a frame counts only if it is periodic too, which noise and key clicks are not.

    Args:
        aggressiveness: WebRTC mode, 0 to 3; 3 calls the least speech.
        min_speech: share of 30 ms frames from which a window is speech, 0 to 1.
    """

    def __init__(self, aggressiveness: int, min_speech: float) -> None:
        self._aggressiveness = aggressiveness
        self._min_speech = min_speech

    def is_speech(self, window: NDArray[np.float32]) -> bool:
        """Whether enough of a window (n,) float32 at 16 kHz is speech."""
        return self.speech_share(window) >= self._min_speech

    def speech_share(self, window: NDArray[np.float32]) -> float:
        """Share of a window's 30 ms frames that are speech, 0 to 1.

        Args:
            window: (n,) float32 at 16 kHz, as a rule 9,600; shorter ones are judged by the whole
                frames nearest to their end, and one without a whole frame has none.
        """
        n_frames = window.size // FRAME_SAMPLES
        if n_frames == 0:
            return 0.0
        frames = window[-n_frames * FRAME_SAMPLES :]
        voiced = voiced_frames(frames)
        if not voiced.any():
            return 0.0
        return float(np.mean(voiced & self._webrtc(frames)))

    def _webrtc(self, samples: NDArray[np.float32]) -> NDArray[np.bool_]:
        rms = float(np.sqrt(np.mean(samples * samples)))
        gain = np.clip(TARGET_RMS / max(rms, 1e-9), 1, MAX_GAIN)
        pcm = np.rint(np.clip(samples * gain, -1, 1) * 32_767).astype("<i2")
        frames = [frame.tobytes() for frame in pcm.reshape(-1, FRAME_SAMPLES)]
        # A new detector knows no noise floor: its first frames come out wrong in both directions.
        # It hears the window once to learn the floor, and is asked the second time.
        detector = webrtcvad.Vad(self._aggressiveness)
        for frame in frames:
            detector.is_speech(frame, SAMPLE_RATE)
        return np.array([detector.is_speech(frame, SAMPLE_RATE) for frame in frames], bool)
