"""Search of each profile's fusion weight, and fit of how sharp the fused probabilities are."""

import numpy as np
import optuna
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from hoovik.models.fusion import Fusion, Pool, sharpened
from hoovik.schema.emotion import Profile
from training.build.metrics import class_weights, negative_log_likelihood
from training.build.plan import Plan

Probs = NDArray[np.float64]
Calibrated = dict[Profile, tuple[Probs, Probs]]
"""For each profile the calibrated probabilities (N, 6) of the transformer and of the trees."""

Labels = dict[Profile, NDArray[np.int64]]
"""For each profile (N,)."""

SHARPNESS = (0.25, 4.0)
"""Bounds of the fit."""


def fit_fusion(calibrated: Calibrated, labels: Labels, plan: Plan) -> Fusion:
    """Weights of the transformer that minimise the negative log-likelihood on validation.

    Args:
        calibrated: on validation.
        labels: on validation.
        plan: trials of Optuna for each profile, the seed of its sampler, the balance of classes.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    pools = {}
    for profile, probs in calibrated.items():
        counts = class_weights(labels[profile], plan.class_balance)

        def loss(
            trial: optuna.Trial,
            probs: tuple[Probs, Probs] = probs,
            truth: NDArray[np.int64] = labels[profile],
            counts: NDArray[np.float64] = counts,
        ) -> float:
            weight = trial.suggest_float("weight", 0.0, 1.0)
            return negative_log_likelihood(_mean(weight, probs), truth, counts)

        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=plan.seed))
        study.enqueue_trial({"weight": 0.5})
        study.optimize(loss, n_trials=plan.fusion_trials)
        pools[profile.value] = Pool(weight=round(float(study.best_params["weight"]), 4))
        print(
            f"fusion {profile.value}: transformer {pools[profile.value].weight:.3f}, "
            f"validation NLL {study.best_value:.3f}",
            flush=True,
        )
    return Fusion(**pools)


def fit_sharpness(fusion: Fusion, calibrated: Calibrated, labels: Labels, plan: Plan) -> Fusion:
    """The same weights, each pool as sharp as minimises the negative log-likelihood.

    Args:
        fusion: with its weights.
        calibrated: on the calibration split, which the calibrations were fitted on too.
        labels: on the calibration split.
        plan: the balance of classes.
    """
    pools = {}
    for profile, probs in calibrated.items():
        pool, truth = fusion.pool(profile), labels[profile]
        mean = _mean(pool.weight, probs)
        counts = class_weights(truth, plan.class_balance)

        def loss(
            log_sharpness: float,
            mean: Probs = mean,
            truth: NDArray[np.int64] = truth,
            counts: NDArray[np.float64] = counts,
        ) -> float:
            return negative_log_likelihood(sharpened(mean, np.exp(log_sharpness)), truth, counts)

        found = minimize_scalar(loss, bounds=np.log(SHARPNESS), method="bounded")
        sharpness = round(float(np.exp(found.x)), 4)
        pools[profile.value] = pool.model_copy(update={"sharpness": sharpness})
        print(f"fusion {profile.value}: sharpness {sharpness:.3f}", flush=True)
    return fusion.model_copy(update=pools)


def _mean(weight: float, probs: tuple[Probs, Probs]) -> Probs:
    return weight * probs[0] + (1 - weight) * probs[1]
