"""The two participants' portraits, both made from one public-domain photograph."""

import csv
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from face_mesh import Image, Mouth, Points
from numpy.typing import NDArray

WIDTH, HEIGHT = 1280, 720
"""Faces are drawn at twice the size of the video, and made smaller, so that edges come out smooth."""
LANDMARKS = Path(__file__).with_name("astronaut_landmarks.csv")

HAIR_OUTLINE = np.array(
    [
        [178, 140], [160, 124], [151, 104], [150, 82], [156, 56], [172, 32], [200, 14], [238, 12],
        [270, 22], [292, 46], [303, 76], [302, 104], [290, 124], [276, 138],
    ]
)  # fmt: skip
"""Around the hair, in pixels of the photograph; moves with the head."""
NECK = np.array([[192, 172], [188, 188], [254, 172], [256, 188], [222, 196]])
SHOULDERS = np.array([[120, 190], [118, 225], [160, 250], [222, 262], [285, 250], [310, 215]])


LIP_RIM_PX = 0.9
FOLLOW = {"neck": 0.55, "shoulders": 0.15, "border": 0.0}
"""How far these go with the head; everything else goes all the way."""


@dataclass(frozen=True)
class Portrait:
    """A face ready to be moved: RGB image (720, 1280, 3), points (N, 3), and how far each follows.

    Points are in pixels of the image, z included; ``follow`` (N,) is 1 where a point goes all the
    way with the head and 0 where it stays.
    """

    image: Image
    points: Points
    follow: NDArray[np.float64]
    groups: dict[str, NDArray[np.intp]]

    def group(self, name: str) -> NDArray[np.intp]:
        """Indices of a named group of points."""
        return self.groups[name]

    @cached_property
    def unit_px(self) -> float:
        """Distance between the outer eye corners."""
        right, left = self.group("right_eye_corners")[0], self.group("left_eye_corners")[0]
        return float(np.linalg.norm(self.points[right, :2] - self.points[left, :2]))

    @cached_property
    def centre(self) -> Points:
        """Point about which the head turns, (2,)."""
        return self.points[self.group("oval"), :2].mean(0)

    @cached_property
    def mouth(self) -> Mouth:
        """Indices of the inner lips, both with the corners."""
        upper, lower = self.group("inner_lip_upper"), self.group("inner_lip_lower")
        return Mouth(upper, np.concatenate([upper[:1], lower, upper[-1:]]))


def cut(photo: Image, left: float, top: float, width: float) -> Portrait:
    """Portrait from the photograph: a 16:9 window at ``left``, ``top``, ``width`` pixels wide."""
    scale = WIDTH / width
    matrix = np.array([[scale, 0, -scale * left], [0, scale, -scale * top]])
    image = cv2.warpAffine(
        photo, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    groups = landmarks() | {"hair": _at(HAIR_OUTLINE, 30), "neck": _at(NECK, 10)}
    groups["shoulders"] = _at(SHOULDERS, 0)
    # The inner lips are taken a little into the lips, so that no rim of teeth stays when they close.
    groups["inner_lip_upper"] = groups["inner_lip_upper"] - [0, LIP_RIM_PX, 0]
    groups["inner_lip_lower"] = groups["inner_lip_lower"] + [0, LIP_RIM_PX, 0]
    placed = {name: (points - [left, top, 0]) * scale for name, points in groups.items()}
    x, y = np.meshgrid(np.linspace(-80, WIDTH + 80, 6), np.linspace(-80, HEIGHT + 80, 5))
    rim = (x < 0) | (x > WIDTH) | (y < 0) | (y > HEIGHT)
    placed["border"] = _at(np.stack([x[rim], y[rim]], -1), 0)
    counts = [len(points) for points in placed.values()]
    indices = np.split(np.arange(sum(counts)), np.cumsum(counts)[:-1])
    follow = np.repeat([FOLLOW.get(name, 1.0) for name in placed], counts)
    return Portrait(
        image,
        np.concatenate(list(placed.values())),
        follow,
        dict(zip(placed, indices, strict=True)),
    )


def landmarks() -> dict[str, Points]:
    """Face points (N, 3) of the photograph by group, in its pixels; z grows away from the camera."""
    rows: dict[str, list[list[float]]] = {}
    with LANDMARKS.open(newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["group"], []).append([float(row[axis]) for axis in "xyz"])
    return {name: np.array(points) for name, points in rows.items()}


def mirror(portrait: Portrait) -> Portrait:
    """The portrait seen in a mirror; left and right change places."""
    points = portrait.points * [-1, 1, 1] + [WIDTH - 1, 0, 0]
    groups = {}
    for name, indices in portrait.groups.items():
        side, _, rest = name.partition("_")
        other = {"left": "right", "right": "left"}.get(side)
        groups[f"{other}_{rest}" if other else name] = indices
    # Lips run from corner to corner, from the left of the picture to its right.
    for name in ("inner_lip_upper", "inner_lip_lower", "outer_lip_upper", "outer_lip_lower"):
        groups[name] = groups[name][::-1]
    image = np.ascontiguousarray(portrait.image[:, ::-1])
    return replace(portrait, image=image, points=points, groups=groups)


def _at(points: NDArray[np.float64], depth: float) -> Points:
    return np.concatenate([points, np.full((len(points), 1), float(depth))], axis=1)
