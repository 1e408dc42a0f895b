import cv2
import numpy as np
from numpy.typing import NDArray

from hoovik.face.encoder import FaceTrack
from hoovik.face.layout import eye_line

MARGIN = 1.5
"""Side of a track's square over the larger extent of its landmarks."""


def track_of(points_px: NDArray[np.floating], width: int, height: int) -> FaceTrack:
    """Track of a face with landmarks (136, 2) in pixels of a picture."""
    low, high = points_px.min(axis=0), points_px.max(axis=0)
    centre = (low + high) / 2
    side_px = MARGIN * float((high - low).max())
    return FaceTrack(
        cx=float(centre[0]) / width,
        cy=float(centre[1]) / height,
        side=side_px / width,
        roll=eye_line(points_px)[1],
    )


def crop_matrix(
    track: FaceTrack, width: int, height: int, side_px: int, *, level: bool = True
) -> NDArray[np.float64]:
    """Affine (2, 3) that takes points of a picture into the square crop around a track.

    Args:
        track: where the face is.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        side_px: side of the crop.
        level: whether the crop is turned so that the face stands upright in it.
    """
    scale = side_px / max(1.0, track.side * width)
    roll = track.roll if level else 0.0
    cosine, sine = scale * np.cos(roll), scale * np.sin(roll)
    linear = np.array([[cosine, sine], [-sine, cosine]])
    shift = np.full(2, side_px / 2) - linear @ [track.cx * width, track.cy * height]
    return np.column_stack([linear, shift])


def crop(image: NDArray[np.uint8], matrix: NDArray[np.float64], side_px: int) -> NDArray[np.uint8]:
    """Square crop (side, side, C) of a picture (H, W, C); black beyond its edge."""
    cropped = cv2.warpAffine(image, matrix, (side_px, side_px), flags=cv2.INTER_LINEAR)
    return np.asarray(cropped, np.uint8)


def back_to_picture(
    points: NDArray[np.floating], matrix: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Points (n, 2) of a crop in pixels of the picture that it was cut from."""
    back = np.linalg.inv(matrix[:, :2])
    return np.asarray((points - matrix[:, 2]) @ back.T, np.float64)
