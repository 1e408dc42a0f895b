import asyncio

import numpy as np
from numpy.typing import NDArray

from hoovik.layout import WINDOW_SAMPLES
from hoovik.session.sight import CameraFrame
from hoovik.session.voice import SoundStream, SpeechWindow


class NewestMedia:
    """One participant's newest 0.6 s of sound and newest frame; a round takes what is there.

    What was taken is not given again until something newer has come.

    Args:
        context_samples: that the encoder hears.

    Attributes:
        news: set when something has been put.
    """

    def __init__(self, context_samples: int = WINDOW_SAMPLES) -> None:
        self.news = asyncio.Event()
        self._sound = SoundStream(context_samples)
        self._sound_is_new = False
        self._picture: CameraFrame | None = None

    @property
    def heard_s(self) -> float:
        """When the newest sound came, on the monotonic clock."""
        return self._sound.arrived_s

    def hear(
        self, samples: NDArray[np.float32], source_hz: int, sequence_number: int, now: float
    ) -> None:
        """Put (n,) float32 samples behind those that came before."""
        self._sound.push(samples, source_hz, sequence_number, now)
        self._sound_is_new = True
        self.news.set()

    def see(self, picture: CameraFrame) -> None:
        """Put a frame in the place of the one before."""
        self._picture = picture
        self.news.set()

    def take_window(self) -> SpeechWindow | None:
        """The newest window; None where no sound has come since, or too little."""
        samples = self._sound.newest() if self._sound_is_new else None
        if samples is None:
            return None
        self._sound_is_new = False
        return self._sound.window_of(samples)

    def take_picture(self) -> CameraFrame | None:
        """The newest frame; None where none has come since."""
        picture, self._picture = self._picture, None
        return picture

    def forget_sound(self) -> None:
        """The microphone is off."""
        self._sound.clear()
        self._sound_is_new = False

    def forget_picture(self) -> None:
        """The camera is off."""
        self._picture = None
