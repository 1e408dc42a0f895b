"""Ways in which a meeting's sound, picture or landmarks go wrong, with their strength."""

import cv2
import numpy as np
from numpy.typing import NDArray

from hoovik.layout import LANDMARKS, N_LANDMARKS

NOISE_SNR_DB = 0.0
"""Of white noise: as strong as the voice, over the whole clip."""

CLIPPING_GAIN_DB = 30.0
"""Over the gain at which the loudest sample is at full scale; what lies beyond is cut off."""

BLUR_SHARE = 0.1
"""Standard deviation of the Gaussian, as a share of the face's width."""


def silence(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """As many zeros as samples (n,), as of a microphone that is muted in hardware."""
    return np.zeros_like(samples)


def noise(samples: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Samples (n,) under white noise at `NOISE_SNR_DB`."""
    power = float(np.mean(samples.astype(np.float64) ** 2)) / 10 ** (NOISE_SNR_DB / 10)
    added = np.sqrt(power) * rng.standard_normal(samples.shape)
    return np.asarray(samples + added, np.float32)


def clipping(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Samples (n,) raised by `CLIPPING_GAIN_DB` over full scale, and cut off at -1 and 1."""
    peak = max(float(np.abs(samples).max(initial=0)), 1e-9)
    raised = samples / peak * 10 ** (CLIPPING_GAIN_DB / 20)
    return np.asarray(np.clip(raised, -1, 1), np.float32)


def black(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A black picture of the same size (H, W, 3), as of a covered camera."""
    return np.zeros_like(picture)


def blur(picture: NDArray[np.uint8], face_width_px: float) -> NDArray[np.uint8]:
    """A picture (H, W, 3) out of focus by `BLUR_SHARE` of the width of its face."""
    sigma_px = BLUR_SHARE * face_width_px
    return np.asarray(
        cv2.GaussianBlur(picture, (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE), np.uint8
    )


def shuffle_landmarks(
    vectors: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Face vectors (m, 326) whose 136 points have changed places, in all of them alike."""
    order = rng.permutation(N_LANDMARKS)
    shuffled = vectors.copy()
    points = vectors[:, LANDMARKS].reshape(-1, N_LANDMARKS, 2)
    shuffled[:, LANDMARKS] = points[:, order].reshape(len(vectors), -1)
    return shuffled
