from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ray.serve.handle import DeploymentHandle

from actors.workers import FaceRequest
from hoovik.face.encoder import FaceReading, FaceTrack
from hoovik.features.sequence import Sequence
from hoovik.models.prediction import Prediction


@dataclass(frozen=True)
class ServeWorkers:
    """The pools of this application, as a room sees them."""

    audio: DeploymentHandle[Any]
    face: DeploymentHandle[Any]
    features: DeploymentHandle[Any]
    ensemble: DeploymentHandle[Any]

    async def encode_audio(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """Embedding (1024,) of one window (9600,)."""
        embedding: NDArray[np.float32] = await self.audio.encode.remote(window)
        return embedding

    async def encode_face(
        self, image: bytes, track: FaceTrack | None
    ) -> tuple[FaceReading | None, int]:
        """Face in one encoded image, and the depth of the pool's queue; raises MediaError."""
        answer, depth = await self.face.encode.remote(FaceRequest(image, track))
        if answer.fault is not None:
            raise answer.fault
        return answer.reading, depth

    async def predict(self, sequence: Sequence) -> Prediction:
        """Answer to one sequence: chained from pool to pool, not by way of the room."""
        features = self.features.engineer.remote(sequence)
        prediction: Prediction = await self.ensemble.predict.remote(features)
        return prediction
