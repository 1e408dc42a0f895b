"""Search of the fusion weight of each profile."""

import numpy as np
import optuna
from numpy.typing import NDArray

from hoovik.models.fusion import Fusion
from hoovik.schema.emotion import Profile
from training.build.metrics import class_weights, negative_log_likelihood
from training.build.plan import Plan


def fit_fusion(
    calibrated: dict[Profile, tuple[NDArray[np.float64], NDArray[np.float64]]],
    labels: dict[Profile, NDArray[np.int64]],
    plan: Plan,
) -> Fusion:
    """Weights of the transformer that minimise the negative log-likelihood on validation.

    Args:
        calibrated: for each profile the probabilities (N, 6) of the transformer and of the trees.
        labels: for each profile (N,).
        plan: trials of Optuna for each profile, the seed of its sampler, the balance of classes.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    weights = {}
    for profile, probs in calibrated.items():
        counts = class_weights(labels[profile], plan.class_balance)

        def loss(
            trial: optuna.Trial,
            probs: tuple[NDArray[np.float64], NDArray[np.float64]] = probs,
            truth: NDArray[np.int64] = labels[profile],
            counts: NDArray[np.float64] = counts,
        ) -> float:
            weight = trial.suggest_float("weight", 0.0, 1.0)
            fused = weight * probs[0] + (1 - weight) * probs[1]
            return negative_log_likelihood(fused, truth, counts)

        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=plan.seed))
        study.enqueue_trial({"weight": 0.5})
        study.optimize(loss, n_trials=plan.fusion_trials)
        weights[profile.value] = round(float(study.best_params["weight"]), 4)
        print(
            f"fusion {profile.value}: transformer {weights[profile.value]:.3f}, "
            f"validation NLL {study.best_value:.3f}",
            flush=True,
        )
    return Fusion(**weights)
