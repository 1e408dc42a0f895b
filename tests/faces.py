"""Faces of recordings, and how a room follows them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hoovik.face.embedded import EmbeddedFaceEncoder
from hoovik.face.encoder import FaceReading, FaceTrack
from hoovik.face.image import decode_image
from hoovik.media.clip import read_clip
from hoovik.settings import FaceSettings

Picture = NDArray[np.uint8]
BUNDLE = Path(__file__).resolve().parents[1] / "model_artifacts" / "embedded"
PITCH, YAW, ROLL = 323, 324, 325
"""Where the pose lies in a face vector."""


def pictures(path: Path) -> list[Picture]:
    return [decode_image(frame.jpeg, FaceSettings()) for frame in read_clip(path, fps=5).frames]


def followed(
    encoder: EmbeddedFaceEncoder, frames: list[Picture], track: FaceTrack | None = None
) -> list[FaceReading | None]:
    """Readings of frames whose track is carried from one to the next, as a room does."""
    readings = []
    for frame in frames:
        readings.append(encoder.encode(frame, track))
        track = None if readings[-1] is None else readings[-1].track
    return readings
