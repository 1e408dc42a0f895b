"""Gradient boosting with XGBoost, stopped where validation gets no better (Chen & Guestrin 2016)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar

import numpy as np
import xgboost
from numpy.typing import NDArray
from pydantic import ConfigDict

from hoovik.schema.emotion import EMOTIONS

OBJECTIVE = {
    "objective": "multi:softprob",
    "eval_metric": "mlogloss",
    "num_class": len(EMOTIONS),
    "tree_method": "hist",
}
LOSS = ("validation", "mlogloss")
"""Where XGBoost's log of an evaluation holds the loss that decides."""

REPORT_EVERY = 50

Labelled = tuple[NDArray[np.float32], NDArray[np.int64]]
"""Columns (N, 512) float32, NaN where a modality is absent, and labels (N,)."""


@dataclass(frozen=True, slots=True)
class TreeParameters:
    """How the trees are grown, by XGBoost's own names.

    Attributes:
        max_depth: of a tree.
        learning_rate: what each round counts.
        subsample: share of the samples that a tree sees.
        colsample_bytree: share of the columns that a tree sees.
        min_child_weight: of the samples in a leaf.
        reg_lambda: L2 penalty on the leaf values.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    max_depth: int = 5
    learning_rate: float = 0.0308
    subsample: float = 0.76
    colsample_bytree: float = 0.41
    min_child_weight: float = 5.0
    reg_lambda: float = 1.0


@dataclass(frozen=True, slots=True)
class Quantised:
    """Training and validation samples, binned as XGBoost's histograms want them."""

    training: xgboost.QuantileDMatrix
    validation: xgboost.QuantileDMatrix

    @classmethod
    def of(cls, training: Labelled, validation: Labelled, threads: int) -> "Quantised":
        """Bins of the training samples, for both."""
        data = xgboost.QuantileDMatrix(*training, missing=np.nan, nthread=threads)
        held_out = xgboost.QuantileDMatrix(*validation, missing=np.nan, nthread=threads, ref=data)
        return cls(data, held_out)


def boost(
    data: Quantised,
    parameters: TreeParameters,
    *,
    rounds: int,
    patience: int,
    seed: int,
    threads: int,
    callbacks: Sequence[xgboost.callback.TrainingCallback] = (),
    report_every: int | bool = REPORT_EVERY,
) -> xgboost.Booster:
    """Boost until validation gets no better; returns the best rounds, `best_score` their loss.

    Args:
        data: binned samples.
        parameters: of the trees.
        rounds: at most; each grows one tree per class.
        patience: rounds without a better validation loss after which boosting ends.
        seed: of the shares of samples and columns.
        threads: of XGBoost.
        callbacks: besides early stopping.
        report_every: rounds between two lines of output; False: none.
    """
    stopping = xgboost.callback.EarlyStopping(rounds=patience, save_best=True)
    return xgboost.train(
        {**OBJECTIVE, **asdict(parameters), "nthread": threads, "seed": seed},
        data.training,
        num_boost_round=rounds,
        evals=[(data.training, "training"), (data.validation, LOSS[0])],
        callbacks=[stopping, *callbacks],
        verbose_eval=report_every,
    )
