from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hoovik.errors import ConfigurationError
from hoovik.schema.reason import Reason
from hoovik.settings import FaceSettings

DETECTOR_FILE = "face_detector.safetensors"
STUDENT_FILE = "face_encoder.safetensors"
EXPRESSION_FILE = "expression_encoder.safetensors"


@dataclass(frozen=True, slots=True)
class FaceTrack:
    """Where a face was last seen; in fractions, so that it holds at any decode scale.

    Attributes:
        cx: centre of the square around the face, as a fraction of the image's width.
        cy: the same, as a fraction of the image's height.
        side: side of the square, as a fraction of the image's width.
        roll: in-plane rotation in radians, clockwise as seen in the image.
        appearance: how it looked there, (16, 16) uint8 grey as bytes; empty: not known.
    """

    cx: float
    cy: float
    side: float
    roll: float
    appearance: bytes = b""


@dataclass(frozen=True, slots=True)
class FaceReading:
    """A face found in an image.

    Attributes:
        vector: (326,) float32, the layout of `hoovik.face.layout`.
        track: where it was.
        expression: (6,) float32 logits of the emotion that it shows, in the order of `EMOTIONS`;
            None where the encoder tells none.
        faults: of the picture of it.
        change: of the picture since the last one, where the face was then: root mean square in grey
            levels; None where there is nothing to compare with.
    """

    vector: NDArray[np.float32]
    track: FaceTrack
    expression: NDArray[np.float32] | None = None
    faults: tuple[Reason, ...] = ()
    change: float | None = None


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
        bundle: folder of the embedded encoder's weights; without those of the expression network,
            the encoder tells no expression.
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
    expression = bundle / EXPRESSION_FILE
    return EmbeddedFaceEncoder.from_files(
        bundle / DETECTOR_FILE, bundle / STUDENT_FILE, expression if expression.is_file() else None
    )
