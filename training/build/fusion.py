"""Search of the fusion weight of each profile."""

import numpy as np
import optuna
from numpy.typing import NDArray

from hoovik.models.fusion import Fusion
from hoovik.schema.emotion import Profile
from training.build.metrics import negative_log_likelihood


def fit_fusion(
    calibrated: dict[Profile, tuple[NDArray[np.float64], NDArray[np.float64]]],
    labels: dict[Profile, NDArray[np.int64]],
    trials: int,
    seed: int,
) -> Fusion:
    """Weights of the transformer that minimise the negative log-likelihood on validation.

    Args:
        calibrated: for each profile the probabilities (N, 6) of the transformer and of the trees.
        labels: for each profile (N,).
        trials: of Optuna, for each profile.
        seed: of its sampler.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    weights = {}
    for profile, (by_transformer, by_trees) in calibrated.items():

        def loss(
            trial: optuna.Trial,
            one: NDArray[np.float64] = by_transformer,
            other: NDArray[np.float64] = by_trees,
            truth: NDArray[np.int64] = labels[profile],
        ) -> float:
            weight = trial.suggest_float("weight", 0.0, 1.0)
            return negative_log_likelihood(weight * one + (1 - weight) * other, truth)

        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
        study.enqueue_trial({"weight": 0.5})
        study.optimize(loss, n_trials=trials)
        weights[profile.value] = round(float(study.best_params["weight"]), 4)
        print(
            f"fusion {profile.value}: transformer {weights[profile.value]:.3f}, "
            f"validation NLL {study.best_value:.3f}",
            flush=True,
        )
    return Fusion(**weights)
