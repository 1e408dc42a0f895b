"""Fitting of the linear member: a logistic regression for each profile."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from hoovik.features.sequence import PROFILES
from hoovik.models.linear import COLUMNS, MEANS, LinearModel, linear_columns
from hoovik.models.probability import softmax
from hoovik.schema.emotion import EMOTIONS, Profile
from training.build.metrics import balanced_accuracy, negative_log_likelihood
from training.build.samples import SampleSet

INVERSE_PENALTIES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
"""Of the squared weights of standardised columns, as scikit-learn's C."""

SCALE_FLOOR = 1e-3
"""A column that hardly moves in training must not explode where it moves later."""

ITERATIONS = 200


def fit_linear(
    training: SampleSet, validation: Mapping[Profile, SampleSet], path: Path
) -> LinearModel:
    """Fit a regression for each judged profile, and write them.

    Columns (means alone, or deviations too) and penalty are those of the least negative
    log-likelihood on validation.

    Args:
        training: of every profile of `validation`.
        validation: of other people.
        path: of the file.
    """
    model = LinearModel(
        np.zeros((len(PROFILES), len(EMOTIONS), COLUMNS), np.float32),
        np.zeros((len(PROFILES), len(EMOTIONS)), np.float32),
    )
    for profile, held_out in validation.items():
        index = PROFILES.index(profile)
        own = training[np.flatnonzero(training.sequences.profiles == index)]
        weights, biases = _fit(own, held_out, profile)
        model.weights[index], model.biases[index] = weights, biases
    save_file(model.to_arrays(), path)
    return model


def sampled_columns(samples: SampleSet) -> NDArray[np.float32]:
    """Columns (N, 2712) float32 of a set of samples."""
    return np.concatenate([linear_columns(chunk) for chunk in samples.chunks(512)])


class _Candidate(NamedTuple):
    loss: float
    how: str
    weights: NDArray[np.float64]
    biases: NDArray[np.float64]


def _fit(
    own: SampleSet, held_out: SampleSet, profile: Profile
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    columns, judged = sampled_columns(own).astype(np.float64), sampled_columns(held_out)
    mean, scale = columns.mean(axis=0), columns.std(axis=0)
    standard = (columns - mean) / scale.clip(SCALE_FLOOR)
    tried: list[_Candidate] = []
    for what, chosen in (("means", MEANS), ("means and deviations", slice(None))):
        # Columns of the other modality are zero, and so stay their weights.
        used = np.zeros(COLUMNS, bool)
        used[chosen] = scale[chosen] > 0
        for inverse_penalty in INVERSE_PENALTIES:
            regression = LogisticRegression(C=inverse_penalty, max_iter=ITERATIONS)
            with warnings.catch_warnings():
                # The last digits of the weights do not matter.
                warnings.simplefilter("ignore", ConvergenceWarning)
                regression.fit(standard[:, used], own.labels)
            weights = np.zeros((len(EMOTIONS), COLUMNS))
            weights[:, used] = regression.coef_ / scale.clip(SCALE_FLOOR)[used]
            biases = regression.intercept_ - weights @ mean
            probs = softmax(judged @ weights.T + biases)
            loss = negative_log_likelihood(probs, held_out.labels)
            uar = balanced_accuracy(probs, held_out.labels)
            how = f"{what}, C {inverse_penalty:g}, validation NLL {loss:.3f} UAR {uar:.3f}"
            tried.append(_Candidate(loss, how, weights, biases))
    best = min(tried, key=lambda one: one.loss)
    print(f"linear {profile.value}: {best.how}", flush=True)
    return best.weights, best.biases
