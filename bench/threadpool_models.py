import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from actors.ensemble import load_ensemble
from actors.feature_engineering import load_transform
from bench.rounds import available_cores
from hoovik.audio.encoder import load_audio_encoder
from hoovik.face.encoder import FaceEncoder, FaceReading, FaceTrack, load_face_encoder
from hoovik.face.image import decode_image
from hoovik.features.sequence import Sequence, SequenceBatch
from hoovik.models.prediction import Prediction
from hoovik.settings import Settings

AUDIO_THREADS = FACE_THREADS = 2
INFERENCE_THREADS = 1

T = TypeVar("T")


def as_the_article(settings: Settings) -> Settings:
    """The same encoders and models, computing as they do where nobody chose otherwise.

    In float32, and on as many threads as there are cores.
    """
    audio = settings.audio.model_copy(update={"precision": "float32"})
    serve = settings.serve.model_copy(update={"threads": len(available_cores())})
    return settings.model_copy(update={"audio": audio, "serve": serve})


class ThreadPoolModels:
    """All models in this process, each kind of work in its own pool of threads, a sample at a time.

    Args:
        settings: encoders and bundle.

    Raises:
        BundleError, ConfigurationError: as the loaders of encoders and bundles do.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        bundle, untrained = settings.bundle, settings.untrained
        self._audio = load_audio_encoder(
            settings.audio, bundle, untrained=untrained, device=settings.device
        )
        # One for each thread: MediaPipe's landmarker takes one picture at a time.
        self._faces: SimpleQueue[FaceEncoder] = SimpleQueue()
        for _ in range(FACE_THREADS):
            self._faces.put(load_face_encoder(settings.face, bundle, untrained=untrained))
        self._transform = load_transform(settings)
        self._ensemble = load_ensemble(settings)
        self._audio_pool = ThreadPoolExecutor(AUDIO_THREADS, "audio")
        self._face_pool = ThreadPoolExecutor(FACE_THREADS, "face")
        self._inference_pool = ThreadPoolExecutor(INFERENCE_THREADS, "inference")
        self.face_depth = 0
        """Frames that wait for a face thread or are in one; counted on the event loop."""
        self.face_each_s = 0.0
        """How long the last one took."""
        self.embedding(np.zeros(self._audio.context_samples, np.float32))  # the first call is slow

    async def in_audio_thread(self, work: Callable[[], T]) -> T:
        """Do something in one of the two audio threads."""
        return await _in(self._audio_pool, work)

    async def in_face_thread(self, work: Callable[[], T]) -> T:
        """Do something in one of the two face threads."""
        self.face_depth += 1
        try:
            return await _in(self._face_pool, work)
        finally:
            self.face_depth -= 1

    async def predict(self, sequence: Sequence) -> Prediction:
        """The models' answer to one sequence, from the one inference thread."""
        return await _in(self._inference_pool, lambda: self._predict(sequence))

    def embedding(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """Embedding (1024,) of one window (context_samples,)."""
        embedding: NDArray[np.float32] = self._audio.encode(window[None])[0]
        return embedding

    def face(self, image: bytes, track: FaceTrack | None) -> FaceReading | None:
        """The face in one encoded image; raises MediaError."""
        picture = decode_image(image, self._settings.face)
        encoder = self._faces.get()
        begun_s = time.perf_counter()
        try:
            return encoder.encode(picture, track)
        finally:
            self._faces.put(encoder)
            self.face_each_s = time.perf_counter() - begun_s

    def _predict(self, sequence: Sequence) -> Prediction:
        features = self._transform.apply(SequenceBatch.stack([sequence]))
        return self._ensemble.predict(features)[0]


async def _in(pool: Executor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(pool, work)
