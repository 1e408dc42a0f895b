from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the models say of one sequence.

    Attributes:
        probs: (6,) float32, calibrated and fused, in the order of `EMOTIONS`.
        anomaly: whether the sequence looks unlike anything the models were trained on.
        anomaly_score: higher is more usual; flagged below the profile's threshold.
    """

    probs: NDArray[np.float32]
    anomaly: bool
    anomaly_score: float
