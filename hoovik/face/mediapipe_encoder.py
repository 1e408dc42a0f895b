import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
from numpy.typing import NDArray

from hoovik.errors import BundleError, ConfigurationError
from hoovik.face.crop import back_to_picture, crop, crop_matrix, track_of
from hoovik.face.encoder import FaceReading, FaceTrack, Sight
from hoovik.face.landmarker import Landmarker
from hoovik.face.layout import layout_vector
from hoovik.face.pose import off_axis_pose
from hoovik.face.quality import judged

TASK_SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
"""Digest of the published face_landmarker.task, float16, version 1."""

TASK_HOME = (
    "https://storage.googleapis.com/mediapipe-models/"
    "face_landmarker/face_landmarker/float16/1/face_landmarker.task"
)
CACHE = Path("~/.cache/hoovik")
DOWNLOAD_TIMEOUT_S = 30.0
CROP_PX = 256
"""Side of the crop around a track: the network behind the landmarks sees 256 x 256."""


class MediaPipeEncoder:
    """MediaPipe FaceLandmarker, on a crop while tracking.

    The crop is cut upright, not turned with the face, and its pose is corrected for where in the
    picture it lies, so that the pose is that of the picture.
    """

    name = "mediapipe"
    colour = True

    def __init__(self, task: Path) -> None:
        self._landmarker = Landmarker(task)

    @classmethod
    def load(cls, path: str | None, sha256: str | None = None) -> "MediaPipeEncoder":
        """Load a `.task` file.

        Args:
            path: the file; None fetches the published one, once.
            sha256: what its digest must be; None: the published one's.

        Raises:
            BundleError: another digest, or no face landmarker.
            ConfigurationError: no such file, or no way to fetch it.
        """
        task = _fetch() if path is None else Path(path).expanduser()
        try:
            digest = hashlib.sha256(task.read_bytes()).hexdigest()
        except OSError as error:
            raise ConfigurationError(
                f"face.landmarker {task} cannot be read: {error.strerror}"
            ) from error
        expected = (sha256 or TASK_SHA256).lower()
        if digest != expected:
            raise BundleError(f"{task} has SHA-256 {digest}; {expected} expected")
        try:
            return cls(task)
        except (RuntimeError, ValueError) as error:
            raise BundleError(f"{task} is no face landmarker: {error}") from error

    def encode(self, image: NDArray[np.uint8], track: FaceTrack | None) -> FaceReading | None:
        """Read the face in a (H, W, 3) uint8 RGB image; None where there is none."""
        reading = self._find(image, track)
        return None if reading is None else judged(reading, image, track)

    def _find(self, image: NDArray[np.uint8], track: FaceTrack | None) -> FaceReading | None:
        if track is not None:
            height, width = image.shape[:2]
            matrix = crop_matrix(track, width, height, CROP_PX, level=False)
            reading = self._read(crop(image, matrix, CROP_PX), image.shape, (track, matrix))
            if reading is not None:
                return reading
        return self._read(image, image.shape, None)

    def encode_all(self, sights: Sequence[Sight]) -> list[FaceReading | None]:
        """The same of several images; MediaPipe knows no batches."""
        return [self.encode(image, track) for image, track in sights]

    def _read(
        self,
        view: NDArray[np.uint8],
        picture: tuple[int, ...],
        cut: tuple[FaceTrack, NDArray[np.float64]] | None,
    ) -> FaceReading | None:
        mesh = self._landmarker.see(view)
        if mesh is None:
            return None
        height, width = picture[:2]
        points_px, pose = mesh.points_px, mesh.pose
        if cut is not None:
            track, matrix = cut
            points_px = back_to_picture(points_px, matrix)
            offset = np.array([(track.cx - 0.5) * width / height, track.cy - 0.5])
            pose = off_axis_pose(pose, offset)
        return FaceReading(
            layout_vector(points_px, mesh.blendshapes, pose),
            track_of(points_px, width, height),
        )


def _fetch() -> Path:
    task = CACHE.expanduser() / "face_landmarker.task"
    if task.is_file():
        return task
    try:
        with urlopen(TASK_HOME, timeout=DOWNLOAD_TIMEOUT_S) as response:
            data = response.read()
    except (URLError, TimeoutError) as error:
        raise ConfigurationError(
            f"face_landmarker.task cannot be fetched ({error}); set face.landmarker to a local copy"
        ) from error
    task.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: several replicas may fetch at once.
    partial = task.with_suffix(f".{os.getpid()}")
    partial.write_bytes(data)
    partial.replace(task)
    return task
