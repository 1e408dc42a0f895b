from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from hoovik.features.sequence import PROFILES
from hoovik.schema.emotion import Profile

Share = Annotated[float, Field(ge=0, le=1)]


class Fusion(BaseModel):
    """Weighted mean of two models' probabilities; what `fusion.json` holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    both: Share = Field(0.5, description="Weight of the transformer; the trees have the rest.")
    audio_only: Share = Field(0.5, description="Likewise, on the voice alone.")
    video_only: Share = Field(0.5, description="Likewise, on the face alone.")

    @classmethod
    def from_file(cls, path: Path) -> "Fusion":
        """Load `fusion.json`."""
        return cls.model_validate_json(path.read_bytes())

    def weight(self, profile: Profile) -> float:
        """Weight of the transformer for a profile."""
        return float(getattr(self, profile.value))

    def __call__(
        self,
        transformer: NDArray[np.floating],
        trees: NDArray[np.floating],
        profiles: NDArray[np.int8],
    ) -> NDArray[np.float32]:
        """Fused probabilities (N, 6) float32 of two times (N, 6) and (N,) profile indices."""
        by_profile = np.array([self.weight(profile) for profile in PROFILES])
        weights = by_profile[profiles][:, None]
        fused = weights * transformer + (1 - weights) * trees
        return np.asarray(fused, np.float32)
