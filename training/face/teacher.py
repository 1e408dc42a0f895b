"""What MediaPipe FaceLandmarker sees in pictures that came without its labels."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hoovik.face.layout import BLENDSHAPE_NAMES, LANDMARK_IDS, pose_angles
from training.cache import Arrays, cached, file_digest
from training.corpora.clip import Clip
from training.face.pictures import FacePictures

ENLARGED = ((192, 0.25), (256, 0.1))
"""Side in pixels and border, as a share of it, that a picture is shown with: first the one, then,
where no face is found, the other. The landmarker expects more around a face than a tight crop."""
LEAST_CONFIDENCE = 0.2
"""Every picture is known to show a face."""


def taught(pictures: Sequence[Clip], task: Path) -> FacePictures:
    """Those pictures in which the landmarker finds a face, and what it sees there.

    Args:
        pictures: small tight pictures of one face each.
        task: the landmarker's `.task` file.
    """
    key = {
        "task": file_digest(task),
        "enlarged": ENLARGED,
        "confidence": LEAST_CONFIDENCE,
        "pictures": [one.digest() for one in pictures],
    }
    arrays = cached("teacher", key, lambda: _look(pictures, task))
    found = np.flatnonzero(np.isfinite(arrays["pose"][:, 0]))
    return FacePictures(
        [_grey(pictures[index]) for index in found],
        arrays["points"][found],
        arrays["blendshapes"][found],
        arrays["pose"][found],
        np.array([pictures[index].speaker for index in found]),
    )


def _look(pictures: Sequence[Clip], task: Path) -> Arrays:
    n = len(pictures)
    points = np.full((n, len(LANDMARK_IDS), 2), np.nan, np.float32)
    blendshapes = np.full((n, len(BLENDSHAPE_NAMES)), np.nan, np.float32)
    pose = np.full((n, 3), np.nan, np.float32)
    with _landmarker(task) as landmarker:
        for row, picture in enumerate(pictures):
            for side_px, border in ENLARGED:
                seen = _see(landmarker, _grey(picture), side_px, border)
                if seen is not None:
                    points[row], blendshapes[row], pose[row] = seen
                    break
    return {"points": points, "blendshapes": blendshapes, "pose": pose}


def _see(
    landmarker: Any, grey: NDArray[np.uint8], side_px: int, border: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]] | None:
    """Landmarks (136, 2) in pixels of the picture, blendshapes (51,), pose (3,)."""
    import mediapipe as mp

    scale = side_px / max(grey.shape)
    around = int(border * side_px)
    large = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    framed = cv2.copyMakeBorder(large, *[around] * 4, cv2.BORDER_REPLICATE)
    height, width = framed.shape
    found = landmarker.detect(
        mp.Image(mp.ImageFormat.SRGB, cv2.cvtColor(framed, cv2.COLOR_GRAY2RGB))
    )
    if not found.face_landmarks:
        return None
    mesh = found.face_landmarks[0]
    points = np.array([(mesh[index].x * width, mesh[index].y * height) for index in LANDMARK_IDS])
    return (
        ((points - around) / scale).astype(np.float32),
        np.array([shape.score for shape in found.face_blendshapes[0]][1:], np.float32),
        pose_angles(np.asarray(found.facial_transformation_matrixes[0])),
    )


def _landmarker(task: Path) -> Any:
    os.environ.setdefault("GLOG_minloglevel", "2")
    from mediapipe.tasks.python import vision
    from mediapipe.tasks.python.core.base_options import BaseOptions

    return vision.FaceLandmarker.create_from_options(
        vision.FaceLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(task)),
            min_face_detection_confidence=LEAST_CONFIDENCE,
            min_face_presence_confidence=LEAST_CONFIDENCE,
            output_face_blendshapes=True,
            output_facial_transformation_matrixes=True,
        )
    )


def _grey(picture: Clip) -> NDArray[np.uint8]:
    return np.asarray(
        cv2.imdecode(np.frombuffer(picture.read(), np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8
    )
