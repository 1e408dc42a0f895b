import asyncio
from collections.abc import Sequence as Ordered
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from ray.serve.handle import DeploymentHandle

from actors.tracing import traceparent
from actors.workers import Answer, FaceAnswer, FaceRequest
from hoovik.features.sequence import Sequence
from hoovik.models.prediction import Prediction


@dataclass(frozen=True)
class ServeWorkers:
    """The pools of this application, as a room sees them."""

    audio: DeploymentHandle[Any]
    face: DeploymentHandle[Any]
    features: DeploymentHandle[Any]
    ensemble: DeploymentHandle[Any]

    @classmethod
    def direct(cls, *pools: DeploymentHandle[Any]) -> Self:
        """Pools that are called by gRPC, which costs half of what a call of Ray's actors does."""
        return cls(*(pool.options(_by_reference=False) for pool in pools))

    async def reach(self) -> None:
        """Ask every pool for nothing."""
        await asyncio.gather(
            self.audio.encode.remote([], None),
            self.face.encode.remote([], None),
            self.ensemble.predict.remote(self.features.engineer.remote([], None), None),
        )

    async def encode_audio(
        self, windows: Ordered[NDArray[np.float32]]
    ) -> Answer[list[NDArray[np.float32]]]:
        """Embeddings (1024,) of windows (context_samples,)."""
        answer: Answer[list[NDArray[np.float32]]]
        answer = await self.audio.encode.remote(windows, traceparent())
        return answer

    async def encode_faces(self, requests: Ordered[FaceRequest]) -> Answer[list[FaceAnswer]]:
        """Faces in encoded images."""
        answer: Answer[list[FaceAnswer]] = await self.face.encode.remote(requests, traceparent())
        return answer

    async def predict(self, sequences: Ordered[Sequence]) -> Answer[list[Prediction]]:
        """Answers to sequences: one pool's answer is the other's question."""
        trace = traceparent()
        features = self.features.engineer.remote(sequences, trace)
        prediction: Answer[list[Prediction]] = await self.ensemble.predict.remote(features, trace)
        return prediction
