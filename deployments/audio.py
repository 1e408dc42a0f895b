import numpy as np
from numpy.typing import NDArray

from actors.audio_features import AudioFeatureActor
from actors.workers import Answer
from deployments.pool import Pool
from hoovik.settings import Settings


class AudioFeatures(Pool[NDArray[np.float32], NDArray[np.float32]]):
    """Pool of audio encoders."""

    def __init__(self, settings: Settings) -> None:
        actor = AudioFeatureActor(settings)
        super().__init__(actor.encode, actor.max_batch, settings, actor.lanes)

    async def encode(
        self, windows: list[NDArray[np.float32]], trace: str | None = None
    ) -> Answer[list[NDArray[np.float32]]]:
        """Embeddings (1024,) of windows (9600,)."""
        return await self._ask(windows, trace)
