"""Pictures made on the spot."""

import cv2
import numpy as np


def jpeg(width: int = 64, height: int = 48, *, seed: int = 0) -> bytes:
    """A JPEG of soft noise."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    encoded, data = cv2.imencode(".jpg", cv2.GaussianBlur(noise, (0, 0), 3))
    assert encoded
    return data.tobytes()
