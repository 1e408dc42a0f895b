from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the models say of one sequence.

    Attributes:
        probs: (6,) float32, calibrated, fused, at the prior of where they are told, in the order of
            `EMOTIONS`.
        anomaly_score: conformal p-value in (0, 1]: of usual sequences, a share of p has one of at
            most p.
        least: told probability of a class that the conformal set has, see `Fusion`.
    """

    probs: NDArray[np.float32]
    anomaly_score: float
    least: float
