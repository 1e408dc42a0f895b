import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from hoovik.face.encoder import FaceTrack
from hoovik.face.network import STRIDE, DetectorNet

LONG_SIDE_PX = 192
SHORT_SIDE_PX = 32
"""At least; a strip is stretched rather than shrunk to nothing."""
LEAST_SCORE = 0.35
"""The student has the last word, so that a doubtful place is worth a look."""
MOST_FACES = 2
SAME_FACE = 0.5
"""Distance of two centres in sides below which they are one face."""


def search_size(width: int, height: int) -> tuple[int, int]:
    """Width and height in pixels at which a picture is searched."""
    scale = LONG_SIDE_PX / max(width, height)
    return (
        max(SHORT_SIDE_PX, round(width * scale)),
        max(SHORT_SIDE_PX, round(height * scale)),
    )


def find_faces(network: DetectorNet, grey: NDArray[np.uint8]) -> list[FaceTrack]:
    """Where faces seem to be in a (H, W) uint8 picture: best first, at most `MOST_FACES`.

    A face that counts is sure and large: who sits in front of the camera, not who passes behind.
    """
    size = search_size(grey.shape[1], grey.shape[0])
    way = cv2.INTER_AREA if size[0] < grey.shape[1] else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(grey, size, interpolation=way), np.float32)
    with torch.inference_mode():
        cells = network(torch.from_numpy(small)[None])
        heat = cells.heat[0].sigmoid().numpy()
        shift, side, roll = (part[0].numpy() for part in (cells.shift, cells.side, cells.roll))
    found: list[tuple[float, FaceTrack]] = []
    for row, column in np.argwhere(heat >= LEAST_SCORE):
        track = FaceTrack(
            cx=STRIDE * float(column + shift[0, row, column]) / size[0],
            cy=STRIDE * float(row + shift[1, row, column]) / size[1],
            side=STRIDE * float(np.exp(side[row, column])) / size[0],
            roll=float(np.arctan2(roll[1, row, column], roll[0, row, column])),
        )
        found.append((float(heat[row, column]) * track.side**0.5, track))
    found.sort(key=lambda one: one[0], reverse=True)
    faces: list[FaceTrack] = []
    for _, track in found:
        if all(_apart(track, other, size) for other in faces):
            faces.append(track)
        if len(faces) == MOST_FACES:
            break
    return faces


def _apart(one: FaceTrack, other: FaceTrack, size: tuple[int, int]) -> bool:
    distance = np.hypot(one.cx - other.cx, (one.cy - other.cy) * size[1] / size[0])
    return bool(distance > SAME_FACE * max(one.side, other.side))
