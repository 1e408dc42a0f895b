"""MediaPipe FaceLandmarker (Kartynnik et al. 2019) in IMAGE mode, on one picture at a time."""

import os
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from hoovik.face.layout import BLENDSHAPE_NAMES, LANDMARK_IDS, pose_angles


class Mesh(NamedTuple):
    """What the landmarker sees of one face, in the order of the layout.

    Attributes:
        points_px: (136, 2) float64 landmarks in pixels of the picture.
        blendshapes: (51,) float64 in 0 to 1.
        pose: (3,) float32 pitch, yaw, roll in radians.
    """

    points_px: NDArray[np.float64]
    blendshapes: NDArray[np.float64]
    pose: NDArray[np.float32]


class Landmarker:
    """A loaded `.task` file; a context that closes it.

    Args:
        task: the file.
        least_confidence: of the detection and of the presence of a face.

    Raises:
        RuntimeError, ValueError: no face landmarker; MediaPipe's own.
    """

    def __init__(self, task: Path, least_confidence: float = 0.5) -> None:
        # Its C++ logging knows no other way to be quiet.
        os.environ.setdefault("GLOG_minloglevel", "2")
        import mediapipe as mp
        from mediapipe.tasks.python import vision
        from mediapipe.tasks.python.core.base_options import BaseOptions

        self._mp = mp
        options = vision.FaceLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(task)),
            running_mode=vision.RunningMode.IMAGE,
            num_faces=1,
            min_face_detection_confidence=least_confidence,
            min_face_presence_confidence=least_confidence,
            output_face_blendshapes=True,
            output_facial_transformation_matrixes=True,
        )
        self._landmarker = vision.FaceLandmarker.create_from_options(options)

    def see(self, picture: NDArray[np.uint8]) -> Mesh | None:
        """Read the face in a (H, W, 3) uint8 RGB picture; None where there is none."""
        found: Any = self._landmarker.detect(
            self._mp.Image(self._mp.ImageFormat.SRGB, np.ascontiguousarray(picture))
        )
        if not found.face_landmarks:
            return None
        mesh = found.face_landmarks[0]
        points = np.array([(mesh[index].x, mesh[index].y) for index in LANDMARK_IDS])
        scores = {shape.category_name: shape.score for shape in found.face_blendshapes[0]}
        return Mesh(
            points * [picture.shape[1], picture.shape[0]],
            np.array([scores[name] for name in BLENDSHAPE_NAMES]),
            pose_angles(np.asarray(found.facial_transformation_matrixes[0])),
        )

    def close(self) -> None:
        """Give back what MediaPipe holds; nothing can be read afterwards."""
        self._landmarker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
