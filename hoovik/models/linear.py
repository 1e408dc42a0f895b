from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from hoovik.errors import BundleError
from hoovik.features.sequence import PROFILES, SequenceBatch
from hoovik.features.statistics import ModalityStatistics, Statistics
from hoovik.layout import AUDIO_DIM, EXPRESSION_DIM, FACE_DIM
from hoovik.schema.emotion import EMOTIONS

MEANS = slice(0, AUDIO_DIM + FACE_DIM + EXPRESSION_DIM)
COLUMNS = 2 * MEANS.stop
"""2,712: means of voice, face and expression, then their deviations."""


def linear_columns(batch: SequenceBatch) -> NDArray[np.float32]:
    """Mean and standard deviation of each feature over the steps that have it.

    Returns:
        (N, 2712) float32, zero where no step has the modality.
    """
    face, audio = ModalityStatistics.of(batch)
    parts = audio, face, Statistics(batch.expression, batch.face_mask)
    columns = [*(part.mean for part in parts), *(part.std for part in parts)]
    return np.nan_to_num(np.concatenate(columns, axis=1), copy=False)


@dataclass(frozen=True, slots=True)
class LinearModel:
    """A multinomial logistic regression for each profile, on `linear_columns`.

    Attributes:
        weights: (3, 6, 2712) float32, the profiles in the order of `PROFILES`.
        biases: (3, 6) float32.
    """

    weights: NDArray[np.float32]
    biases: NDArray[np.float32]

    @classmethod
    def from_file(cls, path: Path) -> "LinearModel":
        """Load `linear.safetensors`.

        Raises:
            BundleError: it is of other columns, classes or profiles.
        """
        return cls.from_arrays(load_file(path))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.float32]]) -> "LinearModel":
        """The model that a weights file holds; raises BundleError."""
        model = cls(arrays["weights"], arrays["biases"])
        expected = (len(PROFILES), len(EMOTIONS), COLUMNS)
        if model.weights.shape != expected or model.biases.shape != expected[:2]:
            raise BundleError(
                f"the linear model has weights {model.weights.shape} and biases "
                f"{model.biases.shape}, expected {expected} and {expected[:2]}"
            )
        return model

    def to_arrays(self) -> dict[str, NDArray[np.float32]]:
        """What a weights file holds."""
        return {"weights": self.weights, "biases": self.biases}

    def logits(self, batch: SequenceBatch) -> NDArray[np.float32]:
        """Logits (N, 6) float32."""
        columns = linear_columns(batch)
        logits = np.empty((len(batch), len(EMOTIONS)), np.float32)
        for index in np.unique(batch.profiles):
            rows = batch.profiles == index
            logits[rows] = columns[rows] @ self.weights[index].T + self.biases[index]
        return logits
