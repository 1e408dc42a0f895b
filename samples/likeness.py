"""The second participant: the same photograph with another colouring, another shape, another room."""

from dataclasses import replace

import cv2
import numpy as np
from face_mesh import FaceMesh, Image
from numpy.typing import NDArray
from portrait import HAIR_OUTLINE, Portrait

Mask = NDArray[np.float64]

COLLAR = np.array(
    [[122, 195], [135, 168], [160, 153], [190, 178], [250, 180], [288, 215], [300, 250], [240, 275],
     [150, 262]]
)  # fmt: skip
"""Surely the suit, in pixels of the photograph."""
BACKDROP_BOXES = ((0, 0, 512, 9), (0, 0, 95, 200), (325, 0, 187, 240))
"""Surely not the person: left, top, width, height in pixels of the photograph."""
FACE_BELOW_FRINGE = np.array(
    [[184, 90], [191, 81], [205, 85], [225, 91], [245, 95], [262, 101], [268, 112], [266, 140], [250, 168], [225, 176],
     [200, 168], [186, 140]]
)  # fmt: skip

HAIR_GAIN = (0.34, 0.27, 0.24)
SKIN_GAIN = (0.90, 0.76, 0.66)
BROW_GAIN = 0.62
SUIT_HUE_SHIFT = 100


def recolour(photo: Image, brows: NDArray[np.float64]) -> Image:
    """Dark hair, darker skin, a blue suit and a study with a window, on the same photograph."""
    person = _person(photo)
    hair = _hair(photo) * person
    face = np.zeros(photo.shape[:2], np.uint8)
    cv2.fillPoly(face, [np.concatenate([HAIR_OUTLINE, [[250, 200], [195, 200]]])], 255)
    skin = _soft(face, 2.0) * person * (1 - hair)

    hsv = cv2.cvtColor(photo, cv2.COLOR_RGB2HSV)
    is_suit = (hsv[..., 1] > 120) & (hsv[..., 2] > 90) & (face == 0)
    hsv[..., 0] = np.where(is_suit, (hsv[..., 0].astype(int) + SUIT_HUE_SHIFT) % 180, hsv[..., 0])
    hsv[..., 2] = np.where(is_suit, hsv[..., 2] * 0.6, hsv[..., 2])
    picture = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB).astype(np.float64)

    brow = np.zeros(photo.shape[:2], np.uint8)
    for outline in np.split(brows, 2):
        cv2.fillConvexPoly(brow, cv2.convexHull(np.round(outline).astype(np.int32)), 255)
    picture *= 1 - hair[..., None] * (1 - np.array(HAIR_GAIN))
    picture *= 1 - skin[..., None] * (1 - np.array(SKIN_GAIN))
    picture *= 1 - (_soft(brow, 1.0) * (1 - BROW_GAIN))[..., None]
    picture = picture * person[..., None] + _study(photo.shape[:2]) * (1 - person[..., None])
    return np.clip(picture, 0, 255).astype(np.uint8)


def reshape(portrait: Portrait) -> Portrait:
    """Broader jaw, longer face, lower brows, shorter hair."""
    points = portrait.points.copy()
    unit, (centre_x, centre_y) = portrait.unit_px, portrait.centre
    face = np.concatenate(
        [indices for name, indices in portrait.groups.items()
         if name not in ("hair", "shoulders", "border", "neck")]
    )  # fmt: skip
    below = np.clip((points[face, 1] - centre_y) / unit, 0, 1)
    points[face, 0] += (points[face, 0] - centre_x) * 0.13 * below
    points[face, 1] += 0.09 * unit * below
    brows = np.concatenate([portrait.group("right_brow"), portrait.group("left_brow")])
    points[brows, 1] += 0.035 * unit
    nose = portrait.group("nose")
    points[nose, 0] += (points[nose, 0] - centre_x) * 0.14
    hair = portrait.group("hair")
    points[hair, 0] += (centre_x - points[hair, 0]) * 0.13
    points[hair, 1] += (centre_y - points[hair, 1]) * 0.06
    image = FaceMesh(portrait.image, portrait.points[:, :2], portrait.mouth).draw(points[:, :2])
    return replace(portrait, image=image, points=points)


def _soft(mask: NDArray[np.uint8], sigma_px: float) -> Mask:
    return cv2.GaussianBlur(mask, (0, 0), sigma_px).astype(np.float64) / 255


def _grab(photo: Image, seeds: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """255 where GrabCut sees foreground; the fixed seed makes every run the same."""
    cv2.setRNGSeed(0)
    cv2.grabCut(photo, seeds, None, np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_MASK)
    return np.where((seeds == cv2.GC_FGD) | (seeds == cv2.GC_PR_FGD), 255, 0).astype(np.uint8)


def _person(photo: Image) -> Mask:
    seeds = np.full(photo.shape[:2], cv2.GC_PR_BGD, np.uint8)
    seeds[190:] = cv2.GC_PR_FGD
    cv2.fillPoly(seeds, [HAIR_OUTLINE.astype(np.int32)], cv2.GC_PR_FGD)
    inside = (HAIR_OUTLINE - HAIR_OUTLINE.mean(0)) * 0.8 + HAIR_OUTLINE.mean(0)
    for surely in (inside, COLLAR, FACE_BELOW_FRINGE):
        cv2.fillPoly(seeds, [np.round(surely).astype(np.int32)], cv2.GC_FGD)
    for left, top, width, height in BACKDROP_BOXES:
        seeds[top : top + height, left : left + width] = cv2.GC_BGD
    return _soft(cv2.erode(_grab(photo, seeds), np.ones((3, 3), np.uint8)), 0.8)


def _hair(photo: Image) -> Mask:
    seeds = np.full(photo.shape[:2], cv2.GC_BGD, np.uint8)
    cv2.fillPoly(seeds, [HAIR_OUTLINE.astype(np.int32)], cv2.GC_PR_FGD)
    cv2.fillPoly(seeds, [FACE_BELOW_FRINGE.astype(np.int32)], cv2.GC_BGD)
    seeds[:60] = np.where(seeds[:60] == cv2.GC_PR_FGD, cv2.GC_FGD, seeds[:60])
    hair = _grab(photo, seeds)
    return _soft(cv2.morphologyEx(hair, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), 1.0)


def _study(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """A wall, a window and a shelf of books, out of focus: RGB (H, W, 3)."""
    height, width = shape[:2]
    room = np.empty((height, width, 3), np.uint8)
    room[:] = (118, 132, 128)
    cv2.rectangle(room, (300, 0), (420, 120), (225, 232, 238), -1)
    cv2.rectangle(room, (357, 0), (363, 120), (150, 140, 128), -1)
    cv2.rectangle(room, (0, 60), (150, 66), (92, 66, 44), -1)
    rng = np.random.default_rng(4)
    for left in range(60, 150, 9):
        colour = tuple(int(c) for c in rng.integers(50, 170, 3))
        cv2.rectangle(room, (left, 60 - int(rng.integers(24, 40))), (left + 7, 60), colour, -1)
    light = np.linspace(0.82, 1.08, width)[None, :, None]
    return cv2.GaussianBlur(room, (0, 0), 5).astype(np.float64) * light
