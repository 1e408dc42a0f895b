from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import skimage.data
import sklearn.datasets
from numpy.typing import NDArray

from training.face.pictures import FacePictures

SIDE_PX = 256
PHOTOGRAPHS = (
    "brick.png", "cell.png", "chelsea.png", "chessboard_GRAY.png", "clock_motion.png", "color.png",
    "flower.jpg", "grass.png", "horse.png", "hubble_deep_field.jpg", "ihc.png", "logo.png",
    "microaneurysms.png", "moon.png", "motorcycle_left.png", "phantom.png", "rocket.jpg",
    "text.png",
)  # fmt: skip
"""Pictures without people that scikit-image and scikit-learn bring along."""
HELD_OUT_PHOTOGRAPHS = ("china.jpg", "coffee.png", "gravel.png", "page.png", "retina.jpg")


class Backgrounds:
    """A stock of pictures without a face.

    Args:
        photographs: names out of `PHOTOGRAPHS` or `HELD_OUT_PHOTOGRAPHS`.
        pictures: whose faces are taken apart into patches; none of them stays a face.
        n: how many pictures are kept in stock.
        rng: draws them.
    """

    def __init__(
        self,
        photographs: tuple[str, ...],
        pictures: FacePictures,
        n: int,
        rng: np.random.Generator,
    ) -> None:
        shots = [_photograph(name) for name in photographs]
        makers = (
            lambda: _cut(shots[rng.integers(len(shots))], rng),
            lambda: _cut(shots[rng.integers(len(shots))], rng),
            lambda: scrambled(pictures.images[rng.integers(len(pictures))], rng),
            lambda: _room(rng),
            lambda: _shapes(rng),
            lambda: _clouds(rng),
        )
        self._stock = [makers[index % len(makers)]() for index in range(n)]

    def draw(self, width: int, height: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        """A random part (height, width) of a random picture of the stock."""
        picture = self._stock[rng.integers(len(self._stock))]
        scale = rng.uniform(0.5, 1.0) * min(picture.shape[0] / height, picture.shape[1] / width)
        part_w, part_h = max(2, int(width * scale)), max(2, int(height * scale))
        x = rng.integers(picture.shape[1] - part_w + 1)
        y = rng.integers(picture.shape[0] - part_h + 1)
        part = picture[y : y + part_h, x : x + part_w]
        if rng.random() < 0.5:
            part = part[:, ::-1]
        return np.array(cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA))


def scrambled(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The tiles of a picture in another order (256, 256), each turned by quarters."""
    n = int(rng.integers(3, 6))
    tile = SIDE_PX // n + 1
    whole = cv2.resize(picture, (n * tile, n * tile))
    tiles = [
        np.rot90(whole[i * tile : (i + 1) * tile, j * tile : (j + 1) * tile], int(rng.integers(4)))
        for i in range(n)
        for j in range(n)
    ]
    order = rng.permutation(len(tiles))
    rows = [np.hstack([tiles[index] for index in order[i * n : (i + 1) * n]]) for i in range(n)]
    return np.ascontiguousarray(np.vstack(rows)[:SIDE_PX, :SIDE_PX])


def _photograph(name: str) -> NDArray[np.uint8]:
    homes = (
        Path(skimage.data.__file__).parent,
        Path(sklearn.datasets.__file__).parent / "images",
    )
    path = next((home / name for home in homes if (home / name).is_file()), None)
    if path is None:
        raise FileNotFoundError(f"{name} is in none of {', '.join(map(str, homes))}")
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8)


def _cut(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    side = int(min(picture.shape) * rng.uniform(0.25, 1.0))
    y, x = (int(rng.integers(extent - side + 1)) for extent in picture.shape)
    part = np.rot90(picture[y : y + side, x : x + side], rng.choice(4, p=[0.7, 0.1, 0.1, 0.1]))
    return np.asarray(cv2.resize(part, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA), np.uint8)


def _clouds(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Noise of several scales over a gradient."""
    canvas = _gradient(rng)
    for _ in range(int(rng.integers(1, 4))):
        cells = int(2 ** rng.uniform(1, 7))
        noise = rng.standard_normal((cells, max(1, int(cells * rng.uniform(0.2, 1)))))
        canvas += rng.uniform(3, 30) * cv2.resize(
            noise, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC
        )
    return np.clip(canvas, 0, 255).astype(np.uint8)


def _shapes(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Ovals, discs, bars and lines: round dark things in a round light thing are no face yet."""
    canvas = np.clip(_gradient(rng), 0, 255).astype(np.uint8)
    for _ in range(int(rng.integers(3, 25))):
        grey = int(rng.integers(256))
        x, y = (int(value) for value in rng.integers(0, SIDE_PX, 2))
        a, b = (int(value) for value in np.exp(rng.uniform(1, 4.5, 2)))
        thickness = int(rng.choice([-1, 1, 2, 4]))
        kind = rng.integers(3)
        if kind == 0:
            cv2.ellipse(canvas, (x, y), (a, b), rng.uniform(0, 180), 0, 360, grey, thickness)
        elif kind == 1:
            cv2.rectangle(canvas, (x, y), (x + a, y + b), grey, thickness)
        else:
            cv2.line(canvas, (x, y), (x + a - 40, y + b - 40), grey, max(1, thickness))
    blur_px = float(rng.choice([0.0, 0.6, 1.5, 4.0]))
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), blur_px) if blur_px else canvas, np.uint8)


def _room(rng: np.random.Generator) -> NDArray[np.uint8]:
    """A wall with frames, shelves, a window, a lamp; often out of focus, as behind a speaker."""
    canvas = np.clip(_gradient(rng), 0, 255).astype(np.uint8)
    for x, y, width, height in _frames(rng):
        wall = int(rng.integers(256))
        cv2.rectangle(canvas, (x, y), (x + width, y + height), wall, -1)
        bars = int(rng.integers(0, 12))
        for bar in range(bars):
            left = x + bar * width // bars
            top = y + int(height * rng.uniform(0, 0.4))
            right = left + int(width / bars * rng.uniform(0.4, 1))
            cv2.rectangle(canvas, (left, top), (right, y + height), int(rng.integers(256)), -1)
        cv2.rectangle(canvas, (x, y), (x + width, y + height), int(rng.integers(256)), 2)
    blur_px = float(rng.choice([0.0, 1.0, 3.0, 8.0]))
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), blur_px) if blur_px else canvas, np.uint8)


def _frames(rng: np.random.Generator) -> Iterator[tuple[int, int, int, int]]:
    for _ in range(int(rng.integers(1, 8))):
        x, y = rng.integers(-30, SIDE_PX, 2)
        width, height = rng.integers(15, 160, 2)
        yield int(x), int(y), int(width), int(height)


def _gradient(rng: np.random.Generator) -> NDArray[np.float64]:
    corners = rng.uniform(0, 255) + rng.uniform(-1, 1, (2, 2)) * rng.uniform(0, 90)
    return np.asarray(cv2.resize(corners, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_LINEAR))
