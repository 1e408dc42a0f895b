"""Figures of a bundle as it ships, on people who trained nothing."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoovik.features.batch import FeatureBatch
from hoovik.models.bundle import Bundle
from hoovik.models.calibration import EnsembleCalibration
from hoovik.models.ensemble import Ensemble, transformer_logits
from hoovik.schema.emotion import EMOTIONS, Profile
from training.build import metrics
from training.build.samples import SampleSet

DIGITS = 4


def evaluate(
    path: Path, test: dict[Profile, SampleSet], resamples: int, seed: int
) -> dict[str, Any]:
    """Figures of each profile, computed from the files of a bundle and nothing else.

    Args:
        path: the bundle's folder, its manifest included.
        test: samples of the test split.
        resamples: of the bootstrap.
        seed: of the bootstrap.
    """
    bundle = Bundle.open(path)
    transform, ensemble = bundle.load_transform(), bundle.load_ensemble()
    figures: dict[str, Any] = {}
    for profile, samples in test.items():
        features = FeatureBatch.concatenate(
            [transform.apply(chunk) for chunk in samples.chunks(256)]
        )
        predictions = ensemble.predict(features)
        probs = np.array([prediction.probs for prediction in predictions])
        uncalibrated = _uncalibrated(ensemble, features)
        figures[profile.value] = {
            **_figures(probs, samples, resamples, seed),
            "before_calibration": _proper_scores(uncalibrated, samples.labels),
            "by_model": _by_model(ensemble, features, samples.labels),
            "by_corpus": _by_corpus(probs, samples),
            "anomaly_rate": _rounded(np.mean([one.anomaly for one in predictions])),
        }
    return figures


def _figures(
    probs: NDArray[np.floating], samples: SampleSet, resamples: int, seed: int
) -> dict[str, Any]:
    labels = samples.labels
    low, high = metrics.bootstrap_interval(
        metrics.balanced_accuracy,
        probs,
        labels,
        samples.owners,
        resamples,
        np.random.default_rng(seed),
    )
    recalls = metrics.recalls(probs, labels)
    return {
        "n": len(labels),
        "owners": len(set(samples.owners)),
        "accuracy": _rounded(metrics.accuracy(probs, labels)),
        "uar": _rounded(metrics.balanced_accuracy(probs, labels)),
        "uar_95": [_rounded(low), _rounded(high)],
        "recall": {
            emotion: None if np.isnan(recall) else _rounded(recall)
            for emotion, recall in zip(EMOTIONS, recalls, strict=True)
        },
        **_proper_scores(probs, labels),
    }


def _proper_scores(probs: NDArray[np.floating], labels: NDArray[np.int64]) -> dict[str, float]:
    return {
        "ece": _rounded(metrics.calibration_error(probs, labels)),
        "nll": _rounded(metrics.negative_log_likelihood(probs, labels)),
        "brier": _rounded(metrics.brier(probs, labels)),
    }


def _probs_of_each(
    ensemble: Ensemble, features: FeatureBatch, calibration: EnsembleCalibration
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    profiles = features.sequences.profiles
    return (
        calibration.transformer(
            transformer_logits(ensemble.transformer, features.sequences), profiles
        ),
        calibration.trees(ensemble.trees.logits(features.tree_columns), profiles),
    )


def _uncalibrated(ensemble: Ensemble, features: FeatureBatch) -> NDArray[np.float32]:
    both = _probs_of_each(ensemble, features, EnsembleCalibration.identity())
    return ensemble.fusion(*both, features.sequences.profiles)


def _by_model(
    ensemble: Ensemble, features: FeatureBatch, labels: NDArray[np.int64]
) -> dict[str, dict[str, float]]:
    both = _probs_of_each(ensemble, features, ensemble.calibration)
    return {
        name: {
            "uar": _rounded(metrics.balanced_accuracy(probs, labels)),
            **_proper_scores(probs, labels),
        }
        for name, probs in zip(("transformer", "trees"), both, strict=True)
    }


def _by_corpus(probs: NDArray[np.floating], samples: SampleSet) -> dict[str, dict[str, Any]]:
    corpora = np.array(samples.corpora)
    return {
        str(corpus): {
            "n": int((corpora == corpus).sum()),
            "accuracy": _rounded(
                metrics.accuracy(probs[corpora == corpus], samples.labels[corpora == corpus])
            ),
            "uar": _rounded(
                metrics.balanced_accuracy(
                    probs[corpora == corpus], samples.labels[corpora == corpus]
                )
            ),
        }
        for corpus in np.unique(corpora)
    }


def _rounded(value: Any) -> float:
    return round(float(value), DIGITS)
