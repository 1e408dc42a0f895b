import numpy as np
from numpy.typing import NDArray

from actors.audio_features import AudioFeatureActor
from deployments.batching import Batcher
from hoovik.settings import Settings

MAX_BATCH = 8


class AudioFeatures:
    """Pool of audio encoders."""

    def __init__(self, settings: Settings) -> None:
        self._batcher = Batcher(AudioFeatureActor(settings).encode, MAX_BATCH)

    async def encode(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """Embedding (1024,) of one window (9600,)."""
        return await self._batcher.ask(window)
