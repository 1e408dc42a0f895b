"""The gradient-boosted trees on the 512 projected columns (Chen & Guestrin 2016)."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import xgboost
from numpy.typing import NDArray

from hoovik.features.transform import FeatureTransform
from hoovik.schema.emotion import EMOTIONS
from training.build.plan import Plan
from training.build.samples import SampleSet

OBJECTIVE = {
    "objective": "multi:softprob",
    "eval_metric": "mlogloss",
    "num_class": len(EMOTIONS),
    "tree_method": "hist",
}
REPORT_EVERY = 50

Labelled = tuple[NDArray[np.float32], NDArray[np.int64]]
"""Columns (N, 512) float32, NaN where a modality is absent, and labels (N,)."""


def tree_columns(transform: FeatureTransform, samples: SampleSet) -> NDArray[np.float32]:
    """Columns (N, 512) float32 of a set of samples, NaN where a modality is absent."""
    return np.concatenate([transform.tree_columns(chunk) for chunk in samples.chunks(512)])


def fit_trees(training: Labelled, validation: Labelled, plan: Plan, path: Path) -> int:
    """Boost trees until validation gets no better, and write the best rounds as UBJSON.

    Args:
        training: columns (N, 512) and labels (N,).
        validation: the same, of people who are not in training.
        plan: parameters, rounds, patience, seed and threads.
        path: of the file, which ends in .ubj.

    Returns:
        The number of rounds kept.
    """
    threads = plan.threads
    data = xgboost.QuantileDMatrix(*training, missing=np.nan, nthread=threads)
    held_out = xgboost.QuantileDMatrix(*validation, missing=np.nan, nthread=threads, ref=data)
    booster = xgboost.train(
        {**OBJECTIVE, **asdict(plan.trees), "nthread": threads, "seed": plan.seed},
        data,
        num_boost_round=plan.tree_rounds,
        evals=[(data, "training"), (held_out, "validation")],
        callbacks=[xgboost.callback.EarlyStopping(rounds=plan.tree_patience, save_best=True)],
        verbose_eval=REPORT_EVERY,
    )
    booster.save_model(path)
    rounds = int(booster.num_boosted_rounds())
    print(f"trees: {rounds} rounds kept, validation NLL {booster.best_score:.3f}", flush=True)
    return rounds
