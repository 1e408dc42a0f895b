from actors.face_features import FaceFeatureActor
from actors.workers import Answer, FaceAnswer, FaceRequest
from deployments.pool import Pool
from hoovik.settings import Settings

MAX_BATCH = 8


class FaceFeatures(Pool[FaceRequest, FaceAnswer]):
    """Pool of face encoders."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(FaceFeatureActor(settings).encode, MAX_BATCH, settings)

    async def encode(
        self, requests: list[FaceRequest], trace: str | None = None
    ) -> Answer[list[FaceAnswer]]:
        """Faces in images."""
        return await self._ask(requests, trace)
