"""A picture on a triangle mesh: move the points, and the picture follows."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

Image = NDArray[np.uint8]
Points = NDArray[np.float64]

CAVITY_RGB = (52, 18, 20)
MIN_AREA_PX2 = 0.5


@dataclass(frozen=True)
class Mouth:
    """The inside of the mouth, which opens onto teeth and darkness and is not skin to be stretched.

    ``upper`` and ``lower`` are the indices of the inner lips, corner to corner; both hold the corners.
    """

    upper: NDArray[np.intp]
    lower: NDArray[np.intp]

    def outline(self, points: Points) -> Points:
        """Closed polygon of the inner lips."""
        return np.concatenate([points[self.upper], points[self.lower][-2:0:-1]])


class FaceMesh:
    """Draws an RGB image (H, W, 3) with its points (N, 2) moved elsewhere, piecewise affine."""

    def __init__(self, image: Image, points: Points, mouth: Mouth) -> None:
        self._image = image
        self._points = points
        self._mouth = mouth
        self._triangles = Delaunay(points).simplices
        self._area = self._signed_area(points)
        inside = set(mouth.upper) | set(mouth.lower)
        self._in_mouth = np.array([inside.issuperset(t) for t in self._triangles.tolist()])
        height, width = image.shape[:2]
        teeth = np.zeros((height, width), np.uint8)
        cv2.fillPoly(teeth, [np.round(mouth.outline(points)).astype(np.int32)], 255)
        self._teeth = cv2.GaussianBlur(teeth, (0, 0), 1.0)
        self._grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(
            np.float64
        )

    def draw(self, moved: Points) -> Image:
        """Return the picture, RGB (H, W, 3) uint8, with point i at ``moved[i]``."""
        labels, inverse = self._rasterise(moved)
        grid = self._grid
        source = (inverse[labels][..., :2] @ grid[..., None])[..., 0] + inverse[labels][..., 2]
        skin = cv2.remap(
            self._image,
            source.astype(np.float32),
            None,
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return self._with_mouth(skin, labels, moved)

    def _homogeneous(self, points: Points) -> NDArray[np.float64]:
        corners = points[self._triangles]
        return np.concatenate([corners, np.ones((*corners.shape[:2], 1))], axis=-1)

    def _signed_area(self, points: Points) -> NDArray[np.float64]:
        return np.linalg.det(self._homogeneous(points)) / 2

    def _rasterise(self, moved: Points) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Which triangle covers each pixel (H, W), and each triangle's map back (T, 2, 3)."""
        to = self._homogeneous(moved)
        # Collapsed and folded triangles hold what is hidden: the eyeball under a closed lid.
        area = self._signed_area(moved)
        visible = np.flatnonzero(np.sign(self._area) * area > MIN_AREA_PX2)
        inverse = np.tile(np.eye(2, 3), (len(to), 1, 1))
        solved = np.linalg.solve(to[visible], self._points[self._triangles[visible]])
        inverse[visible] = solved.transpose(0, 2, 1)
        labels = np.zeros(self._image.shape[:2], np.int32)
        shift = 4
        corners = np.round(moved[self._triangles] * 2**shift).astype(np.int32)
        # OpenCV fills every pixel that an edge touches; the most squeezed go first, below the rest.
        for index in visible[np.argsort((area / self._area)[visible])]:
            cv2.fillConvexPoly(labels, corners[index], int(index), shift=shift)
        return labels, inverse

    def _with_mouth(self, skin: Image, labels: NDArray[np.int32], moved: Points) -> Image:
        opening = self._in_mouth[labels]
        if not opening.any():
            return skin
        upper, before = moved[self._mouth.upper], self._points[self._mouth.upper]
        stretch = np.ptp(upper[:, 0]) / np.ptp(before[:, 0])
        middle, middle_before = upper[len(upper) // 2], before[len(before) // 2]
        # Upper teeth hang from the skull: they follow the head and the lip's shift, never the jaw.
        map_xy = ((self._grid - middle) / [stretch, 1.0] + middle_before).astype(np.float32)
        teeth = cv2.remap(self._image, map_xy, None, cv2.INTER_LINEAR)
        visible = cv2.remap(self._teeth, map_xy, None, cv2.INTER_LINEAR)[..., None] / 255.0
        interior = teeth * visible + np.array(CAVITY_RGB) * (1 - visible)
        edge = cv2.GaussianBlur(opening.astype(np.float32), (0, 0), 0.7)[..., None]
        return np.clip(interior * edge + skin * (1 - edge), 0, 255).astype(np.uint8)
