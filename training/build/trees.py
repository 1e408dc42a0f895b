"""Fitting of the gradient-boosted trees on the 512 projected columns."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hoovik.features.transform import FeatureTransform
from training.build.boosting import Labelled, Quantised, boost
from training.build.plan import Plan
from training.build.samples import SampleSet


def tree_columns(transform: FeatureTransform, samples: SampleSet) -> NDArray[np.float32]:
    """Columns (N, 512) float32 of a set of samples, NaN where a modality is absent."""
    return np.concatenate([transform.tree_columns(chunk) for chunk in samples.chunks(512)])


def fit_trees(
    training: Labelled,
    validation: Labelled,
    plan: Plan,
    path: Path,
) -> int:
    """Boost trees until validation gets no better, and write the best rounds as UBJSON.

    Args:
        training: columns (N, 512) and labels (N,).
        validation: the same, of people who are not in training.
        plan: parameters, rounds, patience, seed and threads.
        path: of the file, which ends in .ubj.

    Returns:
        The number of rounds kept.
    """
    booster = boost(
        Quantised.of(training, validation, plan.threads),
        plan.trees,
        rounds=plan.tree_rounds,
        patience=plan.tree_patience,
        seed=plan.seed,
        threads=plan.threads,
    )
    booster.save_model(path)
    rounds = int(booster.num_boosted_rounds())
    print(f"trees: {rounds} rounds kept, validation NLL {booster.best_score:.3f}", flush=True)
    return rounds
