"""What is wrong with the picture of a face, and whether it has changed since the last one."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from hoovik.face.encoder import FaceReading, FaceTrack
from hoovik.layout import POSE
from hoovik.schema.reason import Reason

VIEW_PX = 64
"""Side of the square of a track as it is judged here, however large it is in the picture."""
_FACE = slice(VIEW_PX // 8, -VIEW_PX // 8)
"""The middle of that: the face, without most of what is behind it."""

SMALL_PX = 48.0
"""Side of the square. Of faces scaled down to this, blendshapes are off by 0.03, to 80 pixels by 0.01."""

LEAST_DETAIL = 0.05
"""Variance of the Laplacian (Pech-Pacheco et al. 2000, "Diatom autofocusing in brightfield
microscopy") over that of the picture, so that light and contrast cancel out. A face out of focus by
a twentieth of its width stays below, pictures of 48 pixels do not."""

DARK_LEVEL = 30
DARK_SHARE = 0.9
"""Of the pixels between brows and chin; behind a dark face there may be a window."""
_INNER = slice(VIEW_PX // 8, -VIEW_PX // 8)

TURNED_RAD = np.radians(50)
"""Between the nose and the camera's axis; hardly a face that anything was trained on is further."""

APPEARANCE_PX = 16
"""So coarse that a camera's noise and an encoder's mostly average out."""


def judged(
    reading: FaceReading, picture: NDArray[np.uint8], before: FaceTrack | None
) -> FaceReading:
    """The same reading with its faults, its change, and the look of its track.

    Args:
        reading: of the picture.
        picture: (H, W, 3) RGB or (H, W) grey uint8.
        before: the track of the picture before, which knows how that looked.
    """
    change = None
    if before is not None and before.appearance:
        earlier = np.frombuffer(before.appearance, np.uint8).astype(np.float32)
        now = _coarse(_square(picture, before)).ravel()
        change = float(np.sqrt(np.mean((now - earlier) ** 2)))
    view = _square(picture, reading.track)
    track = replace(reading.track, appearance=_coarse(view).tobytes())
    side_px = reading.track.side * picture.shape[1]
    return replace(reading, track=track, change=change, faults=_faults(view, side_px, reading))


def _faults(view: NDArray[np.uint8], side_px: float, reading: FaceReading) -> tuple[Reason, ...]:
    face = view[_FACE, _FACE]
    inner = face[_INNER, _INNER]
    pitch, yaw, _ = reading.vector[POSE]
    detail = _variance(cv2.Laplacian(face, cv2.CV_32F)) / max(_variance(face), 1.0)
    holds = {
        Reason.SMALL: side_px < SMALL_PX,
        Reason.BLURRED: detail < LEAST_DETAIL,
        Reason.TURNED_AWAY: np.cos(pitch) * np.cos(yaw) < np.cos(TURNED_RAD),
        Reason.DARK: np.count_nonzero(inner < DARK_LEVEL) > DARK_SHARE * inner.size,
    }
    return tuple(reason for reason, it_does in holds.items() if it_does)


def _variance(values: NDArray[np.floating | np.integer]) -> float:
    return float(cv2.meanStdDev(values)[1][0, 0]) ** 2


def _square(picture: NDArray[np.uint8], track: FaceTrack) -> NDArray[np.uint8]:
    """What of a picture lies in the upright square of a track, (64, 64) uint8 grey."""
    height, width = picture.shape[:2]
    half = track.side * width / 2
    left, right = (round(track.cx * width + side) for side in (-half, half))
    top, bottom = (round(track.cy * height + side) for side in (-half, half))
    part = picture[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    if not part.size:
        return np.zeros((VIEW_PX, VIEW_PX), np.uint8)
    # Averaged, not sampled, or a large face would be all noise; by whole pixels, which is fast.
    times = min(part.shape[:2]) // VIEW_PX
    if times > 1:
        high, wide = (size // times for size in part.shape[:2])
        whole = part[: high * times, : wide * times]
        part = np.asarray(cv2.resize(whole, (wide, high), interpolation=cv2.INTER_AREA), np.uint8)
    view = cv2.resize(part, (VIEW_PX, VIEW_PX), interpolation=cv2.INTER_LINEAR)
    return np.asarray(view if view.ndim == 2 else cv2.cvtColor(view, cv2.COLOR_RGB2GRAY), np.uint8)


def _coarse(view: NDArray[np.uint8]) -> NDArray[np.uint8]:
    small = cv2.resize(view, (APPEARANCE_PX, APPEARANCE_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)
