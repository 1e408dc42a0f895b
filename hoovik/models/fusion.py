from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from hoovik.features.sequence import PROFILES
from hoovik.models.probability import softmax
from hoovik.schema.emotion import Profile

LEAST_PROBABILITY = 1e-12


class Pool(BaseModel):
    """How two models become one.

    A weighted mean of calibrated probabilities is less sure than it is right (Ranjan & Gneiting
    2010), so that it is raised to a power.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    weight: float = Field(
        0.5, ge=0, le=1, description="Of the transformer; the trees' is the rest."
    )
    sharpness: float = Field(1.0, gt=0, description="Power of the mean.")


class Fusion(BaseModel):
    """One pool for each profile; what `fusion.json` holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    both: Pool = Pool()
    audio_only: Pool = Pool()
    video_only: Pool = Pool()

    @classmethod
    def from_file(cls, path: Path) -> "Fusion":
        """Load `fusion.json`."""
        return cls.model_validate_json(path.read_bytes())

    def pool(self, profile: Profile) -> Pool:
        """The pool of a profile."""
        pool: Pool = getattr(self, profile.value)
        return pool

    def __call__(
        self,
        transformer: NDArray[np.floating],
        trees: NDArray[np.floating],
        profiles: NDArray[np.int8],
    ) -> NDArray[np.float32]:
        """Fused probabilities (N, 6) float32 of two times (N, 6) and (N,) profile indices."""
        sharpness = np.array([self.pool(profile).sharpness for profile in PROFILES])
        mean = self.mean(transformer, trees, profiles)
        return np.asarray(sharpened(mean, sharpness[profiles][:, None]), np.float32)

    def mean(
        self,
        transformer: NDArray[np.floating],
        trees: NDArray[np.floating],
        profiles: NDArray[np.int8],
    ) -> NDArray[np.float64]:
        """The weighted mean (N, 6) alone, of the same arguments."""
        by_profile = np.array([self.pool(profile).weight for profile in PROFILES])
        weights = by_profile[profiles][:, None]
        return np.asarray(weights * transformer + (1 - weights) * trees, np.float64)


def sharpened(
    probs: NDArray[np.floating], sharpness: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """Probabilities (N, 6) raised to a power, one for all or (N, 1), and scaled to add up to 1."""
    return softmax(sharpness * np.log(np.maximum(probs, LEAST_PROBABILITY)))
