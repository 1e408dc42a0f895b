"""What lamps, lenses, webcams and codecs do to a picture."""

import cv2
import numpy as np
from numpy.typing import NDArray


def roughen(
    picture: NDArray[np.uint8], rng: np.random.Generator, *, coarsest: float = 0.3
) -> NDArray[np.uint8]:
    """Change light, sharpness and codec of a picture (H, W) at random; returns a new one.

    Args:
        picture: uint8.
        rng: decides.
        coarsest: least share of its pixels a side that may survive.
    """
    height, width = picture.shape
    chance = rng.random(6)
    rough = _relit(picture, rng) if chance[0] < 0.85 else picture
    if chance[1] < 0.3:
        share = rng.uniform(coarsest, 0.9)
        small = cv2.resize(
            rough,
            (max(4, int(width * share)), max(4, int(height * share))),
            interpolation=cv2.INTER_AREA,
        )
        rough = np.asarray(
            cv2.resize(small, (width, height), interpolation=int(rng.choice([1, 2]))), np.uint8
        )
    if chance[2] < 0.2:
        blur_px = float(rng.uniform(0.4, 1.4))
        rough = np.asarray(cv2.GaussianBlur(rough, (0, 0), blur_px), np.uint8)
    elif chance[2] < 0.3:
        rough = _moved(rough, rng)
    if chance[3] < 0.35:
        noise = rng.standard_normal(rough.shape).astype(np.float32) * rng.uniform(1, 12)
        rough = np.clip(rough + noise, 0, 255).astype(np.uint8)
    if chance[4] < 0.35:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(15, 90))]
        jpeg = cv2.imencode(".jpg", rough, quality)[1]
        rough = np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE), np.uint8)
    return rough


def occlude(
    picture: NDArray[np.uint8], patch: NDArray[np.uint8], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Lay a part of another picture over a place of this one: a hand, a cup, a microphone."""
    height, width = picture.shape
    mask = np.zeros(picture.shape, np.uint8)
    at = int(rng.integers(width)), int(rng.integers(height))
    axes = [int(extent) for extent in rng.uniform(0.06, 0.25, 2) * width]
    cv2.ellipse(mask, at, axes, float(rng.uniform(0, 180)), 0, 360, 255, -1)
    return np.where(mask > 0, patch, picture)


def _relit(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Gamma, contrast and brightness; now and then light from one side."""
    levels = np.linspace(0, 1, 256) ** np.exp(rng.normal(0, 0.25))
    middle = levels[int(picture.mean())]
    contrast = np.exp(rng.normal(-0.1, 0.22))
    levels = (levels - middle) * contrast + middle + rng.normal(0, 0.1)
    table: NDArray[np.uint8] = np.clip(levels * 255, 0, 255).astype(np.uint8)
    relit = table[picture]
    if rng.random() < 0.25:
        corners = np.exp(rng.normal(0, 0.35, (2, 2))).astype(np.float32)
        shade = cv2.resize(corners, picture.shape[::-1])
        relit = np.clip(relit * shade, 0, 255).astype(np.uint8)
    return relit


def _moved(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Motion blur along a line."""
    length = int(rng.integers(3, 7))
    kernel = np.zeros((length, length), np.float32)
    angle = rng.uniform(0, np.pi)
    reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    middle = np.array([length / 2, length / 2])
    start, end = (tuple((middle + way * reach).astype(int).tolist()) for way in (-1, 1))
    cv2.line(kernel, start, end, 1.0)
    total = kernel.sum()
    return np.asarray(cv2.filter2D(picture, -1, kernel / total) if total else picture, np.uint8)
