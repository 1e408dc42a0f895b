from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ray.serve.handle import DeploymentHandle

from actors.tracing import traceparent
from actors.workers import Answer, FaceAnswer, FaceRequest
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

    async def encode_audio(self, window: NDArray[np.float32]) -> Answer[NDArray[np.float32]]:
        """Embedding (1024,) of one window (9600,)."""
        embedding: Answer[NDArray[np.float32]] = await self.audio.encode.remote(
            window, traceparent()
        )
        return embedding

    async def encode_face(
        self, image: bytes, track: FaceTrack | None
    ) -> Answer[FaceReading | None]:
        """Face in one encoded image; raises MediaError."""
        answer: Answer[FaceAnswer] = await self.face.encode.remote(
            FaceRequest(image, track), traceparent()
        )
        if answer.value.fault is not None:
            raise answer.value.fault
        return Answer(answer.value.reading, answer.depth, answer.work_s)

    async def predict(self, sequence: Sequence) -> Answer[Prediction]:
        """Answer to one sequence: chained from pool to pool, not by way of the room."""
        trace = traceparent()
        features = self.features.engineer.remote(sequence, trace)
        prediction: Answer[Prediction] = await self.ensemble.predict.remote(features, trace)
        return prediction
