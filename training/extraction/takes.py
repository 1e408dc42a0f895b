"""Takes of a clip: the same utterance through another room, line and speed."""

from dataclasses import replace

import numpy as np
import soxr
import torch
from numpy.typing import NDArray

from hoovik.layout import SAMPLE_RATE
from training.audio.augment import Augmentation, roughen

_LIKE_THE_ENCODER = replace(Augmentation(), babble_share=0.0)
_ROUGHER = replace(
    _LIKE_THE_ENCODER,
    speed_share=1.0,
    speed=1.3,
    filter_share=0.8,
    noise_share=0.7,
    noise_snr_db=(0.0, 25.0),
)
LADDER: tuple[Augmentation | None, ...] = (
    None,
    _LIKE_THE_ENCODER,
    _LIKE_THE_ENCODER,
    _LIKE_THE_ENCODER,
    _ROUGHER,
    _ROUGHER,
)
"""How each take of a training clip is changed. The encoder was fitted on these speakers, under its
own augmentation, so its embeddings of them are too sure; rougher takes come nearer to strangers."""


def take(
    samples: NDArray[np.float32], how: Augmentation | None, rng: np.random.Generator
) -> NDArray[np.float32]:
    """A clip (n,) at 16 kHz that begins up to one tick later, its speed changed now and then.

    Live ticks do not know where an utterance begins, so that the windows of two takes differ even
    where nothing else does.
    """
    late = int(rng.uniform(0, 0.3) * SAMPLE_RATE)
    factor = 1.0
    if how is not None and rng.random() < how.speed_share:
        factor = float(np.exp(rng.uniform(-1, 1) * np.log(how.speed)))
    late_samples = samples[late:]
    if factor == 1.0:
        return late_samples
    resampled = soxr.resample(late_samples, factor * SAMPLE_RATE, SAMPLE_RATE, quality="MQ")
    return np.asarray(resampled, np.float32)


def roughen_alike(
    windows: NDArray[np.float32], how: Augmentation, seed: int
) -> NDArray[np.float32]:
    """Filter and noise (k, context_samples) windows of one take, all in the same way.

    A line does not change from one window to the next; if it did, spread and jitter over the steps
    would come from the augmentation.
    """
    rough = [
        roughen(torch.from_numpy(window[None]), how, np.random.default_rng(seed))
        for window in windows
    ]
    return torch.cat(rough).numpy()
