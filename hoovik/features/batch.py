from collections.abc import Sequence as Ordered
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoovik.features.sequence import SequenceBatch

TREE_COLUMNS = 512
ANOMALY_COLUMNS = 96


@dataclass(frozen=True, slots=True)
class FeatureBatch:
    """What the feature-engineering stage hands to the ensemble, about 58 kB a sample.

    Attributes:
        sequences: N sequences.
        tree_columns: (N, 512) float32, NaN where a modality is absent.
        anomaly_columns: (N, 96) float32, the components of the forest that judges the sample,
            zeros beyond them.
    """

    sequences: SequenceBatch
    tree_columns: NDArray[np.float32]
    anomaly_columns: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.sequences)

    def __getitem__(self, rows: slice) -> "FeatureBatch":
        return FeatureBatch(
            self.sequences[rows], self.tree_columns[rows], self.anomaly_columns[rows]
        )

    @classmethod
    def concatenate(cls, batches: Ordered["FeatureBatch"]) -> "FeatureBatch":
        """One batch of at least one, in their order."""
        return cls(
            SequenceBatch.concatenate([batch.sequences for batch in batches]),
            np.concatenate([batch.tree_columns for batch in batches]),
            np.concatenate([batch.anomaly_columns for batch in batches]),
        )
