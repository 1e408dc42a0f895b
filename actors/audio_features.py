import numpy as np
from numpy.typing import NDArray

from actors.process import limit_threads
from hoovik.audio.loading import load_audio_encoder
from hoovik.layout import WINDOW_SAMPLES
from hoovik.settings import Settings


class AudioFeatureActor:
    """Owns the audio encoder."""

    def __init__(self, settings: Settings) -> None:
        limit_threads(settings.serve.threads)
        self._encoder = load_audio_encoder(
            settings.audio,
            settings.bundle,
            untrained=settings.untrained,
            device=settings.device,
        )
        self.encode([np.zeros(WINDOW_SAMPLES, np.float32)])  # the first call is slow

    def encode(self, windows: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """Embeddings (1024,) of windows (9600,), in one batch."""
        return list(self._encoder.encode(np.stack(windows)))
