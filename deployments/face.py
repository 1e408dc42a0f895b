from actors.face_features import FaceFeatureActor
from actors.workers import FaceAnswer, FaceRequest
from deployments.batching import Batcher
from hoovik.settings import Settings

MAX_BATCH = 4
"""Faces are encoded one after another; a short batch answers its first sooner."""


class FaceFeatures:
    """Pool of face encoders."""

    def __init__(self, settings: Settings) -> None:
        self._batcher = Batcher(FaceFeatureActor(settings).encode, MAX_BATCH)

    async def encode(self, request: FaceRequest) -> tuple[FaceAnswer, int]:
        """Face in one image, and how many requests this replica still has."""
        answer = await self._batcher.ask(request)
        return answer, self._batcher.depth
