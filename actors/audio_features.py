import time

import numpy as np
from numpy.typing import NDArray

from actors.process import limit_threads
from hoovik.audio.batch import CPU_WINDOWS, lanes, largest_batch
from hoovik.audio.encoder import load_audio_encoder
from hoovik.settings import Settings

WARM_SIZES = range(1, CPU_WINDOWS + 1)
WARM_UP_S = 2.0


class AudioFeatureActor:
    """Owns the audio encoder.

    Attributes:
        max_batch: windows to give to `encode` at once.
        lanes: calls of `encode` at the same time.
    """

    def __init__(self, settings: Settings) -> None:
        limit_threads(settings.serve.threads)
        self._encoder = load_audio_encoder(
            settings.audio,
            settings.bundle,
            untrained=settings.untrained,
            device=settings.device,
        )
        self.max_batch = largest_batch(self._encoder, settings.device)
        self.lanes = lanes(self._encoder, settings.device)
        self._warm_up()

    def encode(self, windows: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """Embeddings (1024,) of windows (context_samples,), in one batch."""
        return list(self._encoder.encode(np.stack(windows)))

    def _warm_up(self) -> None:
        """Meet the small batches beforehand, as many as there is time for.

        The first of each size is slow: kernels are made for its shapes.
        """
        begin = time.monotonic()
        for size in WARM_SIZES:
            self.encode([np.zeros(self._encoder.context_samples, np.float32)] * size)
            if time.monotonic() - begin > WARM_UP_S:
                return
