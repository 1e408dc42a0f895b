from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from numpy.typing import NDArray

from hoovik.errors import BundleError
from hoovik.features.batch import TREE_COLUMNS
from hoovik.schema.emotion import EMOTIONS


class TreeModel:
    """Gradient-boosted trees over the 512 tree columns; NaN goes the way each split has learned."""

    def __init__(self, booster: Any, *, threads: int = 1) -> None:
        if booster.num_features() != TREE_COLUMNS:
            raise BundleError(
                f"the tree model reads {booster.num_features()} columns, not {TREE_COLUMNS}"
            )
        booster.set_param({"nthread": threads, "device": "cpu"})
        self._booster = booster

    @classmethod
    def from_file(cls, path: Path, *, threads: int = 1) -> "TreeModel":
        """Load a booster from XGBoost's own UBJSON format."""
        try:
            booster = xgboost.Booster(model_file=str(path))
        except xgboost.core.XGBoostError as error:
            raise BundleError(f"{path.name} is no XGBoost model: {error}") from error
        return cls(booster, threads=threads)

    @property
    def rounds(self) -> int:
        """Boosting rounds; each grows one tree per class."""
        return int(self._booster.num_boosted_rounds())

    def logits(self, columns: NDArray[np.float32]) -> NDArray[np.float32]:
        """Summed leaf values (N, 6) float32 of columns (N, 512) in which NaN means absent."""
        margins = self._booster.inplace_predict(
            columns, predict_type="margin", missing=np.nan, validate_features=False
        )
        return np.asarray(margins, np.float32).reshape(len(columns), len(EMOTIONS))
