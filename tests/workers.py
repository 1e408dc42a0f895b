"""Workers without Ray: small ones whose answers follow by arithmetic, and the real ones in-process."""

import asyncio
from collections.abc import Sequence as Ordered

import numpy as np

from actors.workers import Answer, FaceAnswer, FaceRequest
from hoovik.errors import ImageError
from hoovik.face.encoder import FaceReading, FaceTrack
from hoovik.features.sequence import Sequence
from hoovik.layout import AUDIO_DIM, FACE_DIM
from hoovik.models.prediction import Prediction
from hoovik.settings import Settings
from replay.workers import LocalWorkers


class MeanWorkers:
    """The mean of a window, the length of an image."""

    def __init__(self, *, delay_s: float = 0.0) -> None:
        self.delay_s = delay_s

    async def reach(self) -> None: ...

    async def encode_audio(self, windows: Ordered[np.ndarray]) -> Answer[list[np.ndarray]]:
        await asyncio.sleep(self.delay_s)
        return Answer([np.full(AUDIO_DIM, np.abs(one).mean(), np.float32) for one in windows])

    async def encode_faces(self, requests: Ordered[FaceRequest]) -> Answer[list[FaceAnswer]]:
        await asyncio.sleep(self.delay_s)
        return Answer([self._see(one.image) for one in requests], depth=1)

    def _see(self, image: bytes) -> FaceAnswer:
        if image == b"broken":
            return FaceAnswer(fault=ImageError("an image that cannot be decoded"))
        track = FaceTrack(0.5, 0.5, 0.3, 0.0)
        return FaceAnswer(FaceReading(np.full(FACE_DIM, len(image), np.float32), track))

    async def predict(self, sequences: Ordered[Sequence]) -> Answer[list[Prediction]]:
        await asyncio.sleep(self.delay_s)
        return Answer([self._judge(one) for one in sequences])

    def _judge(self, sequence: Sequence) -> Prediction:
        share = float(np.clip(sequence.audio.mean() + sequence.face.mean() / 100, 0, 1))
        return Prediction(np.array([share, 1 - share, 0, 0, 0, 0], np.float32), 0.5, 0.1)


class DyingWorkers(MeanWorkers):
    """A face pool whose process is gone."""

    async def encode_faces(self, _requests: Ordered[FaceRequest]) -> Answer[list[FaceAnswer]]:
        raise ConnectionError("the process is gone")


class ModelWorkers:
    """The actors of the service as plain objects of this process."""

    def __init__(self, settings: Settings) -> None:
        self._batched = LocalWorkers(settings)

    async def reach(self) -> None: ...

    async def encode_audio(self, windows: Ordered[np.ndarray]) -> Answer[list[np.ndarray]]:
        return Answer(self._batched.encode_audio([*windows]))

    async def encode_faces(self, requests: Ordered[FaceRequest]) -> Answer[list[FaceAnswer]]:
        return Answer([self._batched.encode_face(one) for one in requests])

    async def predict(self, sequences: Ordered[Sequence]) -> Answer[list[Prediction]]:
        return Answer(self._batched.predict(self._batched.engineer([*sequences])))
