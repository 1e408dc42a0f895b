from actors.face_features import FaceFeatureActor
from actors.workers import Answer, FaceAnswer, FaceRequest
from deployments.pool import Pool
from hoovik.settings import Settings

MAX_BATCH = 4
"""Faces are encoded one after another; a short batch answers its first sooner."""


class FaceFeatures(Pool[FaceRequest, FaceAnswer]):
    """Pool of face encoders."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(FaceFeatureActor(settings).encode, MAX_BATCH, settings)

    async def encode(self, request: FaceRequest, trace: str | None = None) -> Answer[FaceAnswer]:
        """Face in one image."""
        return await self._ask(request, trace)
