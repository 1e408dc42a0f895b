from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from hoovik.features.anomaly import COVERAGES, FORESTS, choose_forests, coverages
from hoovik.features.batch import FeatureBatch
from hoovik.features.sequence import PROFILES
from hoovik.models.forest import IsolationForest


@dataclass(frozen=True, slots=True)
class AnomalyGate:
    """Says how usual sequences are beside those of people who trained nothing.

    Each profile has its forest; `global_fallback` judges the sequences that are too short for it
    (see `hoovik.features.anomaly.choose_forests`). A forest's scores depend on how many of the ten
    steps there are, so that each is compared with sequences that have about as many.

    Attributes:
        forests: one for each of `FORESTS`.
        usual: for each profile and coverage the scores (n,) float32, ascending, of live sequences
            of other people.
    """

    forests: tuple[IsolationForest, ...]
    usual: tuple[tuple[NDArray[np.float32], ...], ...]

    @classmethod
    def from_file(cls, path: Path) -> "AnomalyGate":
        """Load `anomaly_forests.safetensors`."""
        arrays = load_file(path)
        return cls(
            tuple(IsolationForest.from_arrays(arrays, name) for name in FORESTS),
            tuple(
                tuple(arrays[_usual_name(profile, group)] for group in range(COVERAGES))
                for profile in PROFILES
            ),
        )

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """What that file holds."""
        arrays: dict[str, NDArray[Any]] = {}
        for name, forest in zip(FORESTS, self.forests, strict=True):
            arrays |= forest.to_arrays(name)
        for profile, groups in zip(PROFILES, self.usual, strict=True):
            arrays |= {_usual_name(profile, group): own for group, own in enumerate(groups)}
        return arrays

    def scores(self, features: FeatureBatch) -> NDArray[np.float32]:
        """Scores (N,) float32 of the forests; higher is more usual."""
        chosen = choose_forests(features.sequences)
        scores = np.zeros(len(features), np.float32)
        for index in np.unique(chosen):
            rows = chosen == index
            scores[rows] = self.forests[index].scores(features.anomaly_columns[rows])
        return scores

    def judge(self, features: FeatureBatch) -> NDArray[np.float32]:
        """Conformal p-values (N,) float32: of usual sequences, a share of p has one of at most p.

        That is the share of the usual ones that are as unusual, or more, the sequence itself counted
        among them (Vovk et al. 2005, "Algorithmic Learning in a Random World").
        """
        scores = self.scores(features)
        values = np.ones(len(features), np.float32)
        places = zip(features.sequences.profiles, coverages(features.sequences), strict=True)
        for row, (profile, group) in enumerate(places):
            usual = self.usual[profile][group]
            lower = np.searchsorted(usual, scores[row], side="right")
            values[row] = (1 + lower) / (1 + len(usual))
        return values


def _usual_name(profile: str, group: int) -> str:
    return f"usual.{profile}.{group}"
