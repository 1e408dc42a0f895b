from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from hoovik.features.anomaly import FORESTS, choose_forests
from hoovik.features.batch import FeatureBatch
from hoovik.models.forest import IsolationForest


@dataclass(frozen=True, slots=True)
class AnomalyGate:
    """Says which sequences look unlike anything that the models were trained on.

    Each profile has its forest; `global_fallback` judges the sequences that are too short for it
    (see `hoovik.features.anomaly.choose_forests`).

    Attributes:
        forests: one for each of `FORESTS`.
    """

    forests: tuple[IsolationForest, ...]

    @classmethod
    def from_file(cls, path: Path) -> "AnomalyGate":
        """Load `anomaly_forests.safetensors`."""
        arrays = load_file(path)
        return cls(tuple(IsolationForest.from_arrays(arrays, name) for name in FORESTS))

    def judge(self, features: FeatureBatch) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """Flags (N,) and scores (N,) float32; higher is more usual."""
        chosen = choose_forests(features.sequences)
        flags = np.zeros(len(features), bool)
        scores = np.zeros(len(features), np.float32)
        for index in np.unique(chosen):
            forest, rows = self.forests[index], chosen == index
            scores[rows] = forest.scores(features.anomaly_columns[rows])
            flags[rows] = scores[rows] < forest.anomaly_below
        return flags, scores
