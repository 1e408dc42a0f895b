import asyncio

import numpy as np
from numpy.typing import NDArray

from hoovik.audio.buffer import SampleRing
from hoovik.audio.resample import StreamResampler
from hoovik.layout import WINDOW_SAMPLES
from hoovik.session.sight import Picture
from hoovik.session.voice import MIN_WINDOW_SAMPLES, Window, pad_window


class NewestMedia:
    """One participant's newest 0.6 s of sound and newest frame; a round takes what is there.

    What was taken is not given again until something newer has come.

    Attributes:
        news: set when something has been put.
        heard_s, seen_s: when the newest of each kind came, on the monotonic clock.
    """

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self.heard_s = self.seen_s = float("-inf")
        self._ring = SampleRing(WINDOW_SAMPLES)
        self._resampler: StreamResampler | None = None
        self._source_hz = 0
        self._heard = 0
        self._sound_number = 0
        self._sound_is_new = False
        self._picture: Picture | None = None

    def hear(
        self, samples: NDArray[np.float32], source_hz: int, sequence_number: int, now: float
    ) -> None:
        """Put (n,) float32 samples behind those that came before."""
        if self._resampler is None or source_hz != self._source_hz:
            self._resampler, self._source_hz = StreamResampler(source_hz), source_hz
        resampled = self._resampler.push(samples)
        self._ring.append(resampled)
        self._heard += resampled.size
        self._sound_number, self.heard_s = sequence_number, now
        self._sound_is_new = True
        self.news.set()

    def see(self, picture: Picture) -> None:
        """Put a frame in the place of the one before."""
        self._picture, self.seen_s = picture, picture.arrived_s
        self.news.set()

    def take_window(self) -> Window | None:
        """The newest window, as `VoiceStream` cuts it; None where no sound has come since."""
        size = min(WINDOW_SAMPLES, self._heard)
        if not self._sound_is_new or size < MIN_WINDOW_SAMPLES:
            return None
        self._sound_is_new = False
        samples = self._ring.latest(size)
        assert samples is not None, "the ring holds what was heard"
        return Window(pad_window(samples), self._sound_number, self.heard_s)

    def take_picture(self) -> Picture | None:
        """The newest frame; None where none has come since."""
        picture, self._picture = self._picture, None
        return picture

    def forget_sound(self) -> None:
        """The microphone is off."""
        self._ring.clear()
        self._resampler = None
        self._heard, self._sound_is_new = 0, False
        self.heard_s = float("-inf")

    def forget_picture(self) -> None:
        """The camera is off."""
        self._picture = None
        self.seen_s = float("-inf")
