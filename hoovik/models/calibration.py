from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator

from hoovik.features.sequence import PROFILES
from hoovik.models.probability import log_odds
from hoovik.schema.emotion import EMOTIONS, Profile


class Calibration(BaseModel):
    """Turns one model's logits into probabilities that mean what they say.

    First the temperature (Guo et al. 2017), fitted by negative log-likelihood; then, class by
    class, Platt's sigmoid of the log-odds (Platt 1999), and the six are scaled to add up to 1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperature: float = Field(1.0, gt=0, description="Logits are divided by this.")
    slopes: tuple[float, ...] = Field(
        (1.0,) * len(EMOTIONS), description="Sigmoid slope of each class."
    )
    offsets: tuple[float, ...] = Field(
        (0.0,) * len(EMOTIONS), description="Sigmoid offset of each class."
    )

    @field_validator("slopes", "offsets")
    @classmethod
    def _one_per_class(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        if len(values) != len(EMOTIONS):
            raise ValueError(f"{len(values)} values for {len(EMOTIONS)} classes")
        return values

    def __call__(self, logits: NDArray[np.floating]) -> NDArray[np.float64]:
        """Probabilities (N, 6) of logits (N, 6); rows add up to 1."""
        odds = np.array(self.slopes) * log_odds(logits / self.temperature) + np.array(self.offsets)
        # Shifting the log of a sigmoid by its row maximum keeps a row from underflowing to zeros.
        log_p = -np.logaddexp(0.0, -odds)
        p = np.exp(log_p - log_p.max(axis=1, keepdims=True))
        result: NDArray[np.float64] = p / p.sum(axis=1, keepdims=True)
        return result


class Calibrations(BaseModel):
    """One model's calibrations, one for each profile: it errs differently on each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profiles: dict[Profile, Calibration]

    @field_validator("profiles")
    @classmethod
    def _every_profile(cls, profiles: dict[Profile, Calibration]) -> dict[Profile, Calibration]:
        missing = set(Profile) - set(profiles)
        if missing:
            raise ValueError(f"no calibration for {', '.join(sorted(missing))}")
        return profiles

    def __call__(
        self, logits: NDArray[np.floating], profiles: NDArray[np.int8]
    ) -> NDArray[np.float64]:
        """Probabilities (N, 6) of logits (N, 6) whose profiles are (N,) indices."""
        probs = np.empty(logits.shape, np.float64)
        for index in np.unique(profiles):
            rows = profiles == index
            probs[rows] = self.profiles[PROFILES[index]](logits[rows])
        return probs


class EnsembleCalibration(BaseModel):
    """What `calibration.json` holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    transformer: Calibrations
    trees: Calibrations

    @classmethod
    def from_file(cls, path: Path) -> "EnsembleCalibration":
        """Load `calibration.json`."""
        return cls.model_validate_json(path.read_bytes())

    @classmethod
    def identity(cls) -> "EnsembleCalibration":
        """The calibration that leaves a softmax (nearly) as it is, for models without any."""
        untouched = Calibrations(profiles={profile: Calibration() for profile in Profile})
        return cls(transformer=untouched, trees=untouched)
