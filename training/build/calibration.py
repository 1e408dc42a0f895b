"""Fitting of temperature and Platt scaling on the calibration split."""

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from hoovik.models.calibration import Calibration, Calibrations
from hoovik.models.probability import log_odds, softmax
from hoovik.schema.emotion import EMOTIONS, Profile
from training.build.metrics import class_weights, negative_log_likelihood
from training.build.samples import SampleSet

TEMPERATURES = (0.05, 20.0)
"""Bounds of the search; a fit that ends at the lower one is refused."""


def fit_calibration(
    logits: NDArray[np.floating], labels: NDArray[np.int64], balance: float = 0.0
) -> Calibration:
    """Calibration of logits (N, 6) on labels (N,), each class at least once among them.

    Rare classes are counted up by `balance`, see `class_weights`: a class that hardly occurs in a
    corpus would otherwise never be the most probable one, however clear a face.

    The temperature minimises the negative log-likelihood (Guo et al. 2017); the sigmoid of each
    class is scikit-learn's, with Platt's smoothed targets, over the classifier as it stands.

    Raises:
        ValueError: a class is missing, or the lowest temperature is best.
    """
    missing = set(range(len(EMOTIONS))) - set(labels.tolist())
    if missing:
        names = ", ".join(EMOTIONS[label] for label in sorted(missing))
        raise ValueError(f"no calibration sample of {names}")
    weights = class_weights(labels, balance)
    temperature = fit_temperature(logits, labels, weights)
    tempered = FrozenEstimator(_Tempered(temperature))
    with warnings.catch_warnings():
        # What it warns of is meant: there is nothing in a frozen classifier to weight.
        warnings.filterwarnings("ignore", "Since FrozenEstimator does not appear to accept")
        # However the samples are folded, a frozen classifier says the same of them.
        fitted = CalibratedClassifierCV(tempered, method="sigmoid", cv=2, ensemble=False).fit(
            logits, labels, sample_weight=weights
        )
    # scikit-learn's sigmoid is 1 / (1 + exp(a f + b)).
    sigmoids = fitted.calibrated_classifiers_[0].calibrators
    return Calibration(
        temperature=temperature,
        slopes=tuple(float(-sigmoid.a_) for sigmoid in sigmoids),
        offsets=tuple(float(-sigmoid.b_) for sigmoid in sigmoids),
    )


def fit_temperature(
    logits: NDArray[np.floating],
    labels: NDArray[np.int64],
    weights: NDArray[np.float64] | None = None,
) -> float:
    """The temperature that minimises the negative log-likelihood, weighted by weights (N,)."""

    def loss(log_temperature: float) -> float:
        return negative_log_likelihood(softmax(logits / np.exp(log_temperature)), labels, weights)

    low, high = np.log(TEMPERATURES)
    found = minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-4})
    if found.x - low < 1e-2:
        raise ValueError(
            f"the best temperature, {np.exp(found.x):.3g}, lies at the lower bound of {TEMPERATURES}"
        )
    # At the upper one the model knows nothing, and an even answer is the honest one.
    return float(np.exp(found.x))


def fit_calibrations(
    logits_of: Callable[[SampleSet], NDArray[np.float32]],
    calibration: dict[Profile, SampleSet],
    balance: float,
) -> Calibrations:
    """One model's calibrations, from samples of the calibration split of each profile."""
    return Calibrations(
        profiles={
            profile: fit_calibration(logits_of(samples), samples.labels, balance)
            for profile, samples in calibration.items()
        }
    )


class _Tempered(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """The classifier under calibration, as scikit-learn sees it: logits in, log-odds out."""

    def __init__(self, temperature: float) -> None:
        self.temperature = temperature
        self.classes_ = np.arange(len(EMOTIONS))

    def fit(self, _logits: NDArray[np.floating], _labels: NDArray[np.int64]) -> "_Tempered":
        return self

    def decision_function(self, logits: NDArray[np.floating]) -> NDArray[np.float64]:
        return log_odds(logits / self.temperature)

    def predict(self, logits: NDArray[np.floating]) -> NDArray[np.intp]:
        return np.asarray(logits.argmax(axis=1), np.intp)
