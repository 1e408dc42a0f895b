"""Faces onto other pictures: the photographs end at the chin and the forehead, cameras do not."""

import cv2
import numpy as np
from numpy.typing import NDArray

EDGE_PX = 2
"""Of a photograph that is left out: its own frame."""


def paste(
    canvas: NDArray[np.uint8],
    picture: NDArray[np.uint8],
    points: NDArray[np.floating],
    matrix: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """Lay a photographed face over a canvas.

    Args:
        canvas: (H, W) uint8.
        picture: (h, w) uint8.
        points: (136, 2) its landmarks in pixels of the picture.
        matrix: (2, 3) affine from the picture to the canvas.
        rng: decides how it is cut out, and what is drawn around it.

    Returns:
        (H, W) uint8, a new array.
    """
    size = canvas.shape[1], canvas.shape[0]
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    placed = points @ matrix[:, :2].T + matrix[:, 2]
    fills = scale * min(picture.shape) > 0.5 * min(canvas.shape)
    if scale < 0.6:  # bilinear sampling alone would leave out pixels
        shrunk = max(4, round(picture.shape[1] * scale)), max(4, round(picture.shape[0] * scale))
        back = np.diag([picture.shape[1] / shrunk[0], picture.shape[0] / shrunk[1]])
        picture = np.asarray(cv2.resize(picture, shrunk, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = np.column_stack([matrix[:, :2] @ back, matrix[:, 2]])
    way = rng.random()
    # The photograph's last pixels go on for ever; of a small one that would be a wall of faces.
    if way < 0.22 and fills:
        if way < 0.1:  # or nothing does, where a picture ends at its face
            border = cv2.BORDER_CONSTANT
        else:
            border = cv2.BORDER_REPLICATE if way < 0.16 else cv2.BORDER_REFLECT
        return np.asarray(cv2.warpAffine(picture, matrix, size, borderMode=border), np.uint8)
    canvas = canvas.copy()
    face = np.asarray(cv2.convexHull(placed.astype(np.float32))[:, 0], np.float32)
    centre = face.mean(axis=0)
    if rng.random() < 0.7:
        _draw_body(canvas, centre, _extent(face), rng)
    if rng.random() < 0.5:
        _draw_hair(canvas, centre, _extent(face), rng)
    laid = cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    edge = float(min(EDGE_PX, 0.03 * picture.shape[0]))
    right, bottom = picture.shape[1] - edge, picture.shape[0] - edge
    corners = np.array([[edge, edge], [right, edge], [right, bottom], [edge, bottom]])
    mask = np.zeros(canvas.shape, np.uint8)
    _fill(mask, corners @ matrix[:, :2].T + matrix[:, 2])
    if way > 0.5:
        cut_out = np.zeros(canvas.shape, np.uint8)
        _fill(cut_out, centre + (face - centre) * rng.uniform(1.08, 1.6))
        mask &= cut_out
    softness_px = max(0.5, float(rng.uniform(0.005, 0.06)) * _extent(face))
    soft = cv2.GaussianBlur(mask, (0, 0), softness_px).astype(np.float32) / 255
    return np.asarray(canvas + soft * (laid.astype(np.float32) - canvas), np.uint8)


def _extent(face: NDArray[np.float32]) -> float:
    return float(np.ptp(face, axis=0).max())


def _fill(mask: NDArray[np.uint8], polygon: NDArray[np.floating]) -> None:
    cv2.fillConvexPoly(mask, np.clip(polygon, -4096, 4096).round().astype(np.int32), 255)


def _draw_body(
    canvas: NDArray[np.uint8], centre: NDArray[np.floating], extent: float, rng: np.random.Generator
) -> None:
    """Neck, shoulders and a collar."""
    x, y = centre
    neck = float(rng.uniform(0.25, 0.4)) * extent
    shoulder_y = y + float(rng.uniform(0.65, 0.9)) * extent
    wide = float(rng.uniform(0.8, 1.5)) * extent
    skin, cloth, tie = (int(grey) for grey in rng.integers(0, 256, 3))
    bottom = canvas.shape[0] + extent
    _polygon(canvas, [(x - neck, y), (x + neck, y), (x + neck, bottom), (x - neck, bottom)], skin)
    _polygon(
        canvas,
        [
            (x - 0.9 * neck, shoulder_y),
            (x + 0.9 * neck, shoulder_y),
            (x + wide, shoulder_y + 0.35 * extent),
            (x + 1.1 * wide, bottom),
            (x - 1.1 * wide, bottom),
            (x - wide, shoulder_y + 0.35 * extent),
        ],
        cloth,
    )
    if rng.random() < 0.5:
        tip = (x, shoulder_y + float(rng.uniform(0.2, 0.6)) * extent)
        _polygon(canvas, [(x - 0.6 * neck, shoulder_y), (x + 0.6 * neck, shoulder_y), tip], tie)


def _draw_hair(
    canvas: NDArray[np.uint8], centre: NDArray[np.floating], extent: float, rng: np.random.Generator
) -> None:
    grey = int(rng.integers(0, 256) * rng.uniform(0.2, 1))
    x, y = centre[0], centre[1] - rng.uniform(0.05, 0.25) * extent
    axes = np.array([rng.uniform(0.45, 0.75), rng.uniform(0.55, 0.9)]) * extent
    at = tuple(np.clip([x, y], -4096, 4096).round().astype(int).tolist())
    cv2.ellipse(canvas, at, axes.round().astype(int).tolist(), 0, 0, 360, grey, -1)


def _polygon(canvas: NDArray[np.uint8], corners: list[tuple[float, float]], grey: int) -> None:
    cv2.fillPoly(canvas, [np.clip(corners, -4096, 4096).round().astype(np.int32)], grey)
