from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from hoovik.errors import MediaError
from hoovik.face.encoder import FaceReading, FaceTrack
from hoovik.features.sequence import Sequence
from hoovik.models.prediction import Prediction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A worker's answer, and how it fared there.

    Attributes:
        value: what was asked for.
        depth: requests that the replica still has.
        work_s: how long the batches that it was in were being computed.
    """

    value: T
    depth: int = 0
    work_s: float = 0.0


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

    async def encode_audio(self, window: NDArray[np.float32]) -> Answer[NDArray[np.float32]]:
        """Embedding (1024,) of one window (9600,)."""
        ...

    async def encode_face(
        self, image: bytes, track: FaceTrack | None
    ) -> Answer[FaceReading | None]:
        """Face in one encoded image."""
        ...

    async def predict(self, sequence: Sequence) -> Answer[Prediction]:
        """Calibrated answer of the models to one sequence."""
        ...
