from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hoovik.errors import MediaError
from hoovik.face.encoder import FaceReading, FaceTrack
from hoovik.features.sequence import Sequence
from hoovik.models.prediction import Prediction


@dataclass(frozen=True, slots=True)
class FaceRequest:
    """One encoded image, and where its face was last seen."""

    image: bytes
    track: FaceTrack | None


@dataclass(frozen=True, slots=True)
class FaceAnswer:
    """The face in an image (None: there is none), or the fault of the image."""

    reading: FaceReading | None = None
    fault: MediaError | None = None


class Workers(Protocol):
    """The heavy, stateless work that a room asks for; pools of replicas, or objects in-process.

    A `HoovikError` means that the request was at fault; any other exception that the worker was.
    """

    async def encode_audio(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """Embedding (1024,) of one window (9600,)."""
        ...

    async def encode_face(
        self, image: bytes, track: FaceTrack | None
    ) -> tuple[FaceReading | None, int]:
        """Face in one encoded image, and the depth of the pool's queue."""
        ...

    async def predict(self, sequence: Sequence) -> Prediction:
        """Calibrated answer of the models to one sequence."""
        ...
