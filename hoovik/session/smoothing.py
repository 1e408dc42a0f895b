import numpy as np
from numpy.typing import NDArray

from hoovik.schema.emotion import EMOTIONS, NEUTRAL, Profile
from hoovik.settings import SessionSettings


class Smoother:
    """Exponential moving average over probabilities, and the label that follows from it."""

    def __init__(self, settings: SessionSettings) -> None:
        self._alpha = settings.ema_alpha
        self._reset_s = settings.ema_reset_s
        self._min_confidence = settings.min_confidence
        self._mean: NDArray[np.float32] | None = None
        self._profile: Profile | None = None
        self._last_s = float("-inf")

    def update(
        self, probs: NDArray[np.float32], profile: Profile, now: float
    ) -> NDArray[np.float32]:
        """Smoothed probabilities (6,), starting anew after a gap or with another profile."""
        if profile is not self._profile or now - self._last_s > self._reset_s:
            self._mean = None
        mean = probs if self._mean is None else self._alpha * probs + (1 - self._alpha) * self._mean
        self._mean = mean.astype(np.float32)
        self._profile, self._last_s = profile, now
        return self._mean

    def label(self, probs: NDArray[np.float32]) -> tuple[str, str, float]:
        """(label, raw top label, confidence): an unsure label is neutral/calm."""
        top = int(probs.argmax())
        confidence = float(probs[top])
        raw = EMOTIONS[top]
        return (raw if confidence >= self._min_confidence else NEUTRAL), raw, confidence
