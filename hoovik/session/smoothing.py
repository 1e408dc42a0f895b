import numpy as np
from numpy.typing import NDArray

from hoovik.schema.emotion import EMOTIONS, Profile
from hoovik.settings import SessionSettings


class Smoother:
    """Exponential moving average over probabilities."""

    def __init__(self, settings: SessionSettings) -> None:
        self._alpha = settings.ema_alpha
        self._reset_s = settings.ema_reset_s
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


def told(probs: NDArray[np.float32], least: float) -> tuple[str, float, bool]:
    """What follows from smoothed probabilities (6,).

    Args:
        probs: smoothed.
        least: of a class that the conformal set has. Its coverage was set on single time steps;
            smoothing makes the right class less seldom improbable, and so errs on the safe side.

    Returns:
        (label, its probability, whether it is uncertain: the conformal set has other than one
        member).
    """
    top = int(probs.argmax())
    members = int(np.count_nonzero(probs >= least))
    return EMOTIONS[top], float(probs[top]), members != 1
