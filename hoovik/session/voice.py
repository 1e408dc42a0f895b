from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hoovik.audio.buffer import SampleRing
from hoovik.audio.quality import JUDGED_SAMPLES, sound_faults
from hoovik.audio.resample import StreamResampler
from hoovik.audio.vad import VoiceDetector
from hoovik.layout import SAMPLE_RATE, WINDOW_SAMPLES
from hoovik.schema.reason import Reason
from hoovik.settings import AudioSettings, SessionSettings

MIN_WINDOW_SAMPLES = SAMPLE_RATE // 5
"""A window with less sound than 0.2 s says nothing. Between that and 0.6 s, just after an unmute,
it is padded with zeros on the left: waiting for a full one would leave a profile change 0.6 s
plus a tick behind the button."""


@dataclass(frozen=True, slots=True)
class SpeechWindow:
    """The last 0.6 s of a voice, and what the encoder hears before them.

    Attributes:
        heard: (context_samples,) float32 at 16 kHz, silence before the voice began.
        sequence_number: the newest message in it.
        arrived_s: when that message arrived.
        faults: of the sound up to there.
    """

    heard: NDArray[np.float32]
    sequence_number: int
    arrived_s: float
    faults: tuple[Reason, ...] = ()

    @property
    def samples(self) -> NDArray[np.float32]:
        """The window itself, (9600,)."""
        return self.heard[-WINDOW_SAMPLES:]


class SoundStream:
    """One participant's sound: resampled as it comes, kept for a while, cut into windows.

    Args:
        context_samples: that the encoder hears, a window at least.
        capacity: samples kept, where that is more.

    Attributes:
        arrived_s: when the newest came.
    """

    def __init__(self, context_samples: int, capacity: int = 0) -> None:
        self.arrived_s = float("-inf")
        self._context_samples = context_samples
        self._ring = SampleRing(max(context_samples, capacity))
        self._resampler: StreamResampler | None = None
        self._source_hz = 0
        self._sequence_number = 0

    def push(
        self, samples: NDArray[np.float32], source_hz: int, sequence_number: int, now: float
    ) -> None:
        """Append (n,) float32 samples that arrived at `now`; a clock that ran back stands still."""
        if self._resampler is None or source_hz != self._source_hz:
            self._resampler, self._source_hz = StreamResampler(source_hz), source_hz
        resampled = self._resampler.push(samples)
        self._ring.append(resampled)
        self._sequence_number = sequence_number
        self.arrived_s = max(now, self.arrived_s)

    def clear(self) -> None:
        """Forget everything heard so far, the resampler's memory included."""
        self._ring.clear()
        self._resampler = None
        self.arrived_s = float("-inf")

    def newest(self) -> NDArray[np.float32] | None:
        """The newest samples that an encoder hears, (n <= context_samples,) float32.

        None where there are fewer than for a window.
        """
        size = min(self._context_samples, self._ring.held)
        return None if size < MIN_WINDOW_SAMPLES else self._ring.latest(size)

    def window_of(self, samples: NDArray[np.float32]) -> SpeechWindow:
        """What `newest` gave, as a window."""
        heard = np.pad(samples, (self._context_samples - samples.size, 0))
        return SpeechWindow(heard, self._sequence_number, self.arrived_s)


class VoiceStream(SoundStream):
    """The same, of a voice that is listened to while sound keeps arriving."""

    def __init__(
        self, audio: AudioSettings, session: SessionSettings, detector: VoiceDetector
    ) -> None:
        super().__init__(audio.context_samples, int(audio.max_buffer_s * SAMPLE_RATE))
        self._stale_s = session.stale_s
        self._detector = detector

    def push(
        self, samples: NDArray[np.float32], source_hz: int, sequence_number: int, now: float
    ) -> None:
        """Append (n,) float32 samples that arrived at `now`; after a gap the window starts anew."""
        if not self.fresh(now - samples.size / source_hz):
            # What was said before the gap is not said now.
            self.clear()
        super().push(samples, source_hz, sequence_number, now)

    def fresh(self, now: float) -> bool:
        """Whether sound keeps arriving."""
        return now - self.arrived_s <= self._stale_s

    def speech_window(self, now: float) -> SpeechWindow | None:
        """The newest window, if sound keeps arriving and it holds speech."""
        samples = self.newest() if self.fresh(now) else None
        if samples is None or not self._detector.is_speech(samples[-WINDOW_SAMPLES:]):
            return None
        heard = self._ring.latest(min(JUDGED_SAMPLES, self._ring.held))
        faults = () if heard is None else sound_faults(heard)
        return replace(self.window_of(samples), faults=faults)
