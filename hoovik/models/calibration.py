from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator

from hoovik.features.sequence import PROFILES
from hoovik.models.probability import softmax
from hoovik.schema.emotion import EMOTIONS, Profile


class Calibration(BaseModel):
    """Turns one model's logits into probabilities that mean what they say.

    Vector scaling (Guo et al. 2017): each class has a scale and a bias of its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    scales: tuple[float, ...] = Field(
        (1.0,) * len(EMOTIONS), description="Logits are multiplied by these."
    )
    biases: tuple[float, ...] = Field(
        (0.0,) * len(EMOTIONS), description="Added to the scaled logits."
    )

    @field_validator("scales", "biases")
    @classmethod
    def _one_per_class(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        if len(values) != len(EMOTIONS):
            raise ValueError(f"{len(values)} values for {len(EMOTIONS)} classes")
        return values

    @field_validator("scales")
    @classmethod
    def _positive(cls, scales: tuple[float, ...]) -> tuple[float, ...]:
        if min(scales) <= 0:
            raise ValueError(f"a scale of {min(scales)}; positive ones expected")
        return scales

    def __call__(self, logits: NDArray[np.floating]) -> NDArray[np.float64]:
        """Probabilities (N, 6) of logits (N, 6); rows add up to 1."""
        scaled = np.array(self.scales) * np.asarray(logits, np.float64)
        return softmax(scaled + np.array(self.biases))


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
    linear: Calibrations

    @classmethod
    def from_file(cls, path: Path) -> "EnsembleCalibration":
        """Load `calibration.json`."""
        return cls.model_validate_json(path.read_bytes())

    @classmethod
    def identity(cls) -> "EnsembleCalibration":
        """The calibration that leaves a softmax as it is, for models without any."""
        untouched = Calibrations(profiles={profile: Calibration() for profile in Profile})
        return cls(transformer=untouched, trees=untouched, linear=untouched)

    def __call__(
        self, logits: NDArray[np.floating], profiles: NDArray[np.int8]
    ) -> NDArray[np.float64]:
        """Probabilities (3, N, 6) of logits (3, N, 6) of `MEMBERS`, with (N,) profile indices."""
        members = (self.transformer, self.trees, self.linear)
        return np.stack(
            [member(own, profiles) for member, own in zip(members, logits, strict=True)]
        )
