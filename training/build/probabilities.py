"""Fitting of what makes probabilities of logits: calibration, fusion, and the threshold of doubt."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar

from hoovik.models.calibration import Calibration
from hoovik.models.fusion import LEAST_PROBABILITY, Fusion, Pool, sharpened
from hoovik.models.probability import softmax, with_prior
from hoovik.schema.emotion import EMOTIONS, MEETING_PRIOR, Profile
from training.build.metrics import negative_log_likelihood

NATURAL = (0.15, 0.11, 0.08, 0.22, 0.14, 0.30)
"""Class frequencies at which everything is calibrated, and which a bundle stores.

About what acted speech, in which the six are nearly as frequent, and photographs, of which a third
each is happy and neutral and hardly any disgusted, come to together: far enough from a meeting's
that a rare class is calibrated on more than a few samples.
"""

PULL = 10.0
"""Of each class's scale towards the common one and of its bias towards the prior's, in samples."""

SCALES = (0.05, 20.0)
"""Bounds of the common scale, one over the temperature; a fit that ends at the upper is refused."""

SHARPNESS = (0.25, 4.0)
"""Bounds of the fit."""

COVERAGE = 0.9
"""Of the conformal sets."""

Members = NDArray[np.float64]
"""Calibrated probabilities (M, N, 6)."""

Labels = NDArray[np.int64]
"""(N,) indices into EMOTIONS."""


def prior_weights(labels: Labels, prior: tuple[float, ...] = NATURAL) -> NDArray[np.float64]:
    """Weights (N,) of mean 1 with which samples of labels (N,) are as frequent as a prior says."""
    counts = np.bincount(labels, minlength=len(EMOTIONS)).clip(1)
    weights = (np.array(prior) / counts)[labels]
    return np.asarray(weights / weights.mean(), np.float64)


def fit_calibration(logits: NDArray[np.floating], labels: Labels) -> Calibration:
    """Vector scaling of logits (N, 6) on labels (N,), each class at least once among them.

    Minimises the negative log-likelihood of samples weighted to `NATURAL`, with L-BFGS. What a
    small set does not show otherwise, stays a common temperature and the bias of the prior alone:
    the models count every class alike.

    Raises:
        ValueError: a class is missing, or the largest scale is best.
    """
    missing = set(range(len(EMOTIONS))) - set(labels.tolist())
    if missing:
        names = ", ".join(EMOTIONS[label] for label in sorted(missing))
        raise ValueError(f"no calibration sample of {names}")
    weights = prior_weights(labels)
    prior_bias = np.log(np.array(NATURAL) * len(EMOTIONS))
    z = np.asarray(logits, np.float64)
    truth = np.eye(len(EMOTIONS))[labels]

    def loss(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        common, own, bias = values[0], values[1:7], values[7:]
        scales = np.exp(common + own)
        probs = softmax(scales * z + prior_bias + bias)
        nll = negative_log_likelihood(probs, labels, weights) * len(labels)
        slope = weights[:, None] * (probs - truth)  # (N, 6), by the scaled logits
        by_scale = (slope * scales * z).sum(axis=0)
        gradient = [[by_scale.sum()], by_scale + PULL * own, slope.sum(axis=0) + PULL * bias]
        pull = PULL / 2 * (np.sum(own**2) + np.sum(bias**2))
        return nll + float(pull), np.concatenate(gradient)

    low, high = np.log(SCALES)
    bounds = [(low, high), *[(None, None)] * (2 * len(EMOTIONS))]
    found = minimize(
        loss, np.zeros(1 + 2 * len(EMOTIONS)), jac=True, method="L-BFGS-B", bounds=bounds
    )
    common = float(found.x[0])
    if high - common < 1e-2:
        raise ValueError(
            f"the best scale, {np.exp(common):.3g}, lies at the upper bound of {SCALES}"
        )
    # At the lower one the model knows nothing, and the prior is the honest answer.
    return Calibration(
        scales=tuple(np.exp(common + found.x[1:7]).tolist()),
        biases=tuple((prior_bias + found.x[7:]).tolist()),
    )


def fit_weights(members: Members, labels: Labels) -> tuple[float, ...]:
    """Weights (M,) of the mean of the members that minimise its negative log-likelihood.

    That is convex on the simplex of the weights.
    """
    counts = prior_weights(labels)
    right = members[:, np.arange(len(labels)), labels].clip(LEAST_PROBABILITY)  # (M, N)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        mixed = (weights @ right).clip(LEAST_PROBABILITY)
        return -float(np.mean(counts * np.log(mixed))), -(right * (counts / mixed)).mean(axis=1)

    m = len(members)
    found = minimize(
        loss,
        np.full(m, 1 / m),
        jac=True,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * m,
        constraints={"type": "eq", "fun": lambda x: x.sum() - 1, "jac": np.ones_like},
    )
    weights = found.x.clip(0).round(4)
    weights[weights.argmax()] += 1 - weights.sum()
    return tuple(weights.round(4).tolist())


def fit_sharpness(
    mean: NDArray[np.float64], labels: Labels, weights: NDArray[np.float64] | None = None
) -> float:
    """The power of a mean (N, 6) that minimises the negative log-likelihood on labels (N,)."""

    def loss(log_sharpness: float) -> float:
        return negative_log_likelihood(sharpened(mean, np.exp(log_sharpness)), labels, weights)

    found = minimize_scalar(loss, bounds=np.log(SHARPNESS), method="bounded")
    return round(float(np.exp(found.x)), 4)


def fit_least(told: NDArray[np.float64], labels: Labels, prior: tuple[float, ...]) -> float:
    """The highest threshold of told probabilities (N, 6) that the right class reaches often enough.

    Split conformal prediction (Vovk et al. 2005) with samples weighted to where it is told
    (Tibshirani et al. 2019): a share of `COVERAGE` of samples to come is above it, one of them
    counted in.
    """
    right = told[np.arange(len(labels)), labels]
    order = np.argsort(right)
    weights = prior_weights(labels, prior)[order]
    below = np.cumsum(weights) - weights + 1  # and the one to come
    allowed = (1 - COVERAGE) * (weights.sum() + 1)
    places = np.flatnonzero(below <= allowed + 1e-9)
    least = right[order[places[-1]]] if len(places) else 0.0
    return max(float(np.floor(least * 1e6) / 1e6), 1e-6)


def fit_fusion(
    validation: Mapping[Profile, tuple[Members, Labels]],
    calibration: Mapping[Profile, tuple[Members, Labels]],
    together: float = 1.0,
) -> Fusion:
    """Weights of the members on validation; sharpness and the threshold of doubt on calibration.

    Args:
        validation: calibrated probabilities and labels of each profile.
        calibration: the same of the split that the calibrations were fitted on.
        together: what the sharpness of both is multiplied by, see `training.build.together`.
    """
    pools = {}
    for profile, (members, labels) in validation.items():
        weights = fit_weights(members, labels)
        held_out, truth = calibration[profile]
        mean = np.tensordot(np.array(weights), held_out, axes=1)
        sharpness = fit_sharpness(mean, truth, prior_weights(truth))
        if profile is Profile.BOTH:
            sharpness = round(sharpness * together, 4)
        told = with_prior(sharpened(mean, sharpness), NATURAL, MEETING_PRIOR)
        pool = Pool(
            weights=weights, sharpness=sharpness, least=fit_least(told, truth, MEETING_PRIOR)
        )
        pools[profile.value] = pool
        print(f"fusion {profile.value}: {pool!r}", flush=True)
    return Fusion(**pools, prior=NATURAL)
