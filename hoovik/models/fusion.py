import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator

from hoovik.features.sequence import PROFILES
from hoovik.models.probability import softmax
from hoovik.schema.emotion import EMOTIONS, Profile, frequencies

LEAST_PROBABILITY = 1e-12
MEMBERS = ("transformer", "trees", "linear")
"""Models that are fused, in the order of all their arrays."""

EVEN = (1 / len(EMOTIONS),) * len(EMOTIONS)


class Pool(BaseModel):
    """How the members become one.

    A weighted mean of calibrated probabilities is less sure than it is right (Ranjan & Gneiting
    2010), so that it is raised to a power.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: tuple[float, ...] = Field(
        (1 / len(MEMBERS),) * len(MEMBERS), description="Of the members; together 1."
    )
    sharpness: float = Field(1.0, gt=0, description="Power of the mean.")
    least: float = Field(
        0.1, gt=0, le=1, description="Told probability of a class that the conformal set has."
    )

    @field_validator("weights")
    @classmethod
    def _shares(cls, weights: tuple[float, ...]) -> tuple[float, ...]:
        if not weights or min(weights) < 0 or not math.isclose(sum(weights), 1, abs_tol=1e-6):
            raise ValueError(f"{weights} are no weights; shares that add up to 1 expected")
        return weights


class Fusion(BaseModel):
    """One pool for each profile; what `fusion.json` holds.

    The set of the classes whose told probability is `least` or more has the right one for nine in
    ten (split conformal prediction, Vovk et al. 2005; Sadinle et al. 2019).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    both: Pool = Pool()
    audio_only: Pool = Pool()
    video_only: Pool = Pool()
    prior: tuple[float, ...] = Field(
        EVEN, description="Class frequencies at which the fused probabilities hold."
    )

    @field_validator("prior")
    @classmethod
    def _frequencies_of_the_classes(cls, prior: tuple[float, ...]) -> tuple[float, ...]:
        return frequencies(prior)

    @classmethod
    def from_file(cls, path: Path) -> "Fusion":
        """Load `fusion.json`."""
        return cls.model_validate_json(path.read_bytes())

    def pool(self, profile: Profile) -> Pool:
        """The pool of a profile."""
        pool: Pool = getattr(self, profile.value)
        return pool

    def __call__(
        self, members: NDArray[np.floating], profiles: NDArray[np.int8]
    ) -> NDArray[np.float32]:
        """Fused probabilities (N, 6) float32 of members (M, N, 6) and (N,) profile indices."""
        sharpness = np.array([self.pool(profile).sharpness for profile in PROFILES])
        mean = self.mean(members, profiles)
        return np.asarray(sharpened(mean, sharpness[profiles][:, None]), np.float32)

    def mean(
        self, members: NDArray[np.floating], profiles: NDArray[np.int8]
    ) -> NDArray[np.float64]:
        """The weighted mean (N, 6) alone, of the same arguments."""
        mean = np.empty(members.shape[1:], np.float64)
        for index in np.unique(profiles):
            rows = profiles == index
            weights = np.array(self.pool(PROFILES[index]).weights)
            mean[rows] = np.tensordot(weights, members[:, rows], axes=1)
        return mean


def sharpened(
    probs: NDArray[np.floating], sharpness: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """Probabilities (N, 6) raised to a power, one for all or (N, 1), and scaled to add up to 1."""
    return softmax(sharpness * np.log(np.maximum(probs, LEAST_PROBABILITY)))
