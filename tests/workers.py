"""Workers without Ray: small ones whose answers follow by arithmetic, and the real ones in-process."""

import asyncio

import numpy as np

from actors.workers import Answer, FaceRequest
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

    async def encode_audio(self, window: np.ndarray) -> Answer[np.ndarray]:
        await asyncio.sleep(self.delay_s)
        return Answer(np.full(AUDIO_DIM, np.abs(window).mean(), np.float32))

    async def encode_face(
        self, image: bytes, _track: FaceTrack | None
    ) -> Answer[FaceReading | None]:
        await asyncio.sleep(self.delay_s)
        if image == b"broken":
            raise ImageError("an image that cannot be decoded")
        track = FaceTrack(0.5, 0.5, 0.3, 0.0)
        return Answer(FaceReading(np.full(FACE_DIM, len(image), np.float32), track), depth=1)

    async def predict(self, sequence: Sequence) -> Answer[Prediction]:
        await asyncio.sleep(self.delay_s)
        share = float(np.clip(sequence.audio.mean() + sequence.face.mean() / 100, 0, 1))
        probs = np.array([share, 1 - share, 0, 0, 0, 0], np.float32)
        return Answer(Prediction(probs, False, 0.1))


class DyingWorkers(MeanWorkers):
    """A face pool whose process is gone."""

    async def encode_face(
        self, _image: bytes, _track: FaceTrack | None
    ) -> Answer[FaceReading | None]:
        raise ConnectionError("the process is gone")


class ModelWorkers:
    """The actors of the service as plain objects of this process."""

    def __init__(self, settings: Settings) -> None:
        self._batched = LocalWorkers(settings)

    async def encode_audio(self, window: np.ndarray) -> Answer[np.ndarray]:
        return Answer(self._batched.encode_audio([window])[0])

    async def encode_face(
        self, image: bytes, track: FaceTrack | None
    ) -> Answer[FaceReading | None]:
        answer = self._batched.encode_face(FaceRequest(image, track))
        if answer.fault is not None:
            raise answer.fault
        return Answer(answer.reading)

    async def predict(self, sequence: Sequence) -> Answer[Prediction]:
        return Answer(self._batched.predict(self._batched.engineer([sequence]))[0])
