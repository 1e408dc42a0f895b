"""What MediaPipe FaceLandmarker sees in pictures that came without its labels."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hoovik.face.landmarker import Landmarker, Mesh
from hoovik.face.layout import BLENDSHAPE_NAMES, LANDMARK_IDS
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
    seen = [pictures[index] for index in found.tolist()]
    return FacePictures(
        [_grey(one) for one in seen],
        arrays["points"][found],
        arrays["blendshapes"][found],
        arrays["pose"][found],
        np.array([one.speaker for one in seen]),
    )


def _look(pictures: Sequence[Clip], task: Path) -> Arrays:
    n = len(pictures)
    points = np.full((n, len(LANDMARK_IDS), 2), np.nan, np.float32)
    blendshapes = np.full((n, len(BLENDSHAPE_NAMES)), np.nan, np.float32)
    pose = np.full((n, 3), np.nan, np.float32)
    with Landmarker(task, LEAST_CONFIDENCE) as landmarker:
        for row, picture in enumerate(pictures):
            for side_px, border in ENLARGED:
                seen = _see(landmarker, _grey(picture), side_px, border)
                if seen is not None:
                    points[row], blendshapes[row], pose[row] = seen
                    break
    return {"points": points, "blendshapes": blendshapes, "pose": pose}


def _see(
    landmarker: Landmarker, grey: NDArray[np.uint8], side_px: int, border: float
) -> Mesh | None:
    """What the landmarker sees of a picture (H, W), in pixels of this picture."""
    scale = side_px / max(grey.shape)
    around = int(border * side_px)
    large = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    framed = cv2.copyMakeBorder(large, around, around, around, around, cv2.BORDER_REPLICATE)
    mesh = landmarker.see(np.asarray(cv2.cvtColor(framed, cv2.COLOR_GRAY2RGB), np.uint8))
    return None if mesh is None else mesh._replace(points_px=(mesh.points_px - around) / scale)


def _grey(picture: Clip) -> NDArray[np.uint8]:
    return np.asarray(
        cv2.imdecode(np.frombuffer(picture.read(), np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8
    )
