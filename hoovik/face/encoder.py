from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hoovik.errors import ConfigurationError
from hoovik.settings import FaceSettings

DETECTOR_FILE = "face_detector.safetensors"
STUDENT_FILE = "face_encoder.safetensors"


@dataclass(frozen=True, slots=True)
class FaceTrack:
    """Where a face was last seen; in fractions, so that it holds at any decode scale.

    Attributes:
        cx: centre of the square around the face, as a fraction of the image's width.
        cy: the same, as a fraction of the image's height.
        side: side of the square, as a fraction of the image's width.
        roll: in-plane rotation in radians, clockwise as seen in the image.
    """

    cx: float
    cy: float
    side: float
    roll: float


@dataclass(frozen=True, slots=True)
class FaceReading:
    """A face found in an image.

    Attributes:
        vector: (326,) float32, the layout of `hoovik.face.layout`.
        track: where it was.
    """

    vector: NDArray[np.float32]
    track: FaceTrack


Sight = tuple[NDArray[np.uint8], FaceTrack | None]
"""An image, and where its face was last seen."""


class FaceEncoder(Protocol):
    """Finds a face and reads it. Stateless: the track travels with the request."""

    name: str
    colour: bool
    """Whether it reads colours; if not, it takes grey pictures (H, W) too."""

    def encode(self, image: NDArray[np.uint8], track: FaceTrack | None) -> FaceReading | None:
        """Read the face in a (H, W, 3) uint8 RGB image; None where there is none.

        With a track, only the crop around it is looked at; where that holds no face any more,
        the whole image is searched once.
        """
        ...

    def encode_all(self, sights: Sequence[Sight]) -> list[FaceReading | None]:
        """The same of several images, each with its own track."""
        ...


def load_face_encoder(
    settings: FaceSettings, bundle: Path | None, *, untrained: bool = False, seed: int = 0
) -> FaceEncoder:
    """The face encoder that the settings name.

    Args:
        settings: `encoder`, and for MediaPipe its file and digest.
        bundle: folder of the embedded encoder's weights.
        untrained: random weights for the embedded encoder; MediaPipe has none and needs its file.
        seed: of those random weights.

    Raises:
        BundleError: weights that are absent, altered or of another network.
        ConfigurationError: a file that cannot be found, or no bundle where one is needed.
    """
    if settings.encoder == "mediapipe":
        from hoovik.face.mediapipe_encoder import MediaPipeEncoder

        return MediaPipeEncoder.load(settings.landmarker, settings.landmarker_sha256)
    from hoovik.face.embedded import EmbeddedFaceEncoder

    if untrained:
        return EmbeddedFaceEncoder.untrained(seed)
    if bundle is None:
        raise ConfigurationError("the embedded face encoder needs a bundle folder; none was given")
    return EmbeddedFaceEncoder.from_files(bundle / DETECTOR_FILE, bundle / STUDENT_FILE)
