"""Fitting of the gradient-boosted trees on the 512 projected columns."""

from pathlib import Path

import numpy as np
import xgboost
from numpy.typing import NDArray

from hoovik.features.transform import FeatureTransform
from hoovik.schema.emotion import EMOTIONS
from training.build.plan import Plan
from training.build.samples import SampleSet

PARAMETERS = {
    "objective": "multi:softprob",
    "eval_metric": "mlogloss",
    "num_class": len(EMOTIONS),
    "tree_method": "hist",
    "max_depth": 5,
    "learning_rate": 0.0308,
    "subsample": 0.76,
    "colsample_bytree": 0.41,
    "min_child_weight": 5,
}
REPORT_EVERY = 50


def tree_columns(transform: FeatureTransform, samples: SampleSet) -> NDArray[np.float32]:
    """Columns (N, 512) float32 of a set of samples, NaN where a modality is absent."""
    return np.concatenate([transform.tree_columns(chunk) for chunk in samples.chunks(512)])


def fit_trees(
    training: tuple[NDArray[np.float32], NDArray[np.int64]],
    validation: tuple[NDArray[np.float32], NDArray[np.int64]],
    plan: Plan,
    path: Path,
) -> int:
    """Boost trees until validation gets no better, and write the best rounds as UBJSON.

    Args:
        training: columns (N, 512) and labels (N,).
        validation: the same, of people who are not in training.
        plan: rounds, patience, seed and threads.
        path: of the file, which ends in .ubj.

    Returns:
        The number of rounds kept.
    """
    data = xgboost.QuantileDMatrix(*training, missing=np.nan, nthread=plan.threads)
    held_out = xgboost.QuantileDMatrix(*validation, missing=np.nan, nthread=plan.threads, ref=data)
    stopping = xgboost.callback.EarlyStopping(rounds=plan.tree_patience, save_best=True)
    booster = xgboost.train(
        {**PARAMETERS, "nthread": plan.threads, "seed": plan.seed},
        data,
        num_boost_round=plan.tree_rounds,
        evals=[(data, "training"), (held_out, "validation")],
        callbacks=[stopping],
        verbose_eval=REPORT_EVERY,
    )
    booster.save_model(path)
    rounds = int(booster.num_boosted_rounds())
    print(f"trees: {rounds} rounds kept, validation NLL {booster.best_score:.3f}", flush=True)
    return rounds
