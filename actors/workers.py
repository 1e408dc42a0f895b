from collections.abc import Sequence as Ordered
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
        work_s: how long the batch that it was in was being computed; of several, the longest.
        each_s: the same for one request of that batch.
    """

    value: T
    depth: int = 0
    work_s: float = 0.0
    each_s: float = 0.0


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

    Each call asks for several things at once, and answers in their order: what a call costs, it
    costs once. A `HoovikError` means that the request was at fault; any other exception that the
    worker was.
    """

    async def reach(self) -> None:
        """Find the way to all of them beforehand: the first call costs what no other does."""
        ...

    async def encode_audio(
        self, windows: Ordered[NDArray[np.float32]]
    ) -> Answer[list[NDArray[np.float32]]]:
        """Embeddings (1024,) of windows (context_samples,)."""
        ...

    async def encode_faces(self, requests: Ordered[FaceRequest]) -> Answer[list[FaceAnswer]]:
        """Faces in encoded images; one bad image spoils no other's answer."""
        ...

    async def predict(self, sequences: Ordered[Sequence]) -> Answer[list[Prediction]]:
        """Calibrated answers of the models to sequences."""
        ...
