"""Figures of one profile, from what was said at its ticks."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoovik.schema.emotion import EMOTIONS
from training.build import metrics
from training.evaluation.prediction import Probs, TickPredictions, mean_by_clip
from training.evaluation.subjects import Judged
from training.evaluation.ticks import labels_of

DIGITS = 4
SCORE_EDGES = np.round(np.linspace(-0.8, -0.3, 51), 2)
"""Of the histograms of anomaly scores, the same everywhere; what lies beyond is put at the ends."""


def profile_figures(
    judged: Judged, said: TickPredictions, threshold: float, resamples: int, seed: int
) -> dict[str, Any]:
    """Figures of one profile; a clip counts once, by the mean of its calibrated probabilities.

    Args:
        judged: N subjects with T ticks in all.
        said: at these ticks, the subjects end to end.
        threshold: of the profile's forest.
        resamples: of the bootstrap over speakers.
        seed: of the bootstrap.
    """
    counts = [len(subject.ticks) for subject in judged.subjects]
    labels = labels_of(judged.subjects)
    speakers = tuple(subject.clip.speaker for subject in judged.subjects)
    probs = mean_by_clip(said.calibrated, counts)
    raw = mean_by_clip(said.uncalibrated, counts)
    interval = metrics.bootstrap_interval(
        metrics.balanced_accuracy, probs, labels, speakers, resamples, np.random.default_rng(seed)
    )
    recalls = metrics.recalls(probs, labels).tolist()
    models = {
        "transformer": mean_by_clip(said.transformer, counts),
        "trees": mean_by_clip(said.trees, counts),
        "without_calibration": raw,
    }
    sexes = [subject.clip.sex for subject in judged.subjects]
    return {
        "n": len(labels),
        "speakers": len(set(speakers)),
        "ticks": sum(counts),
        "accuracy": rounded(metrics.accuracy(probs, labels)),
        "uar": rounded(metrics.balanced_accuracy(probs, labels)),
        "uar_ci": [rounded(bound) for bound in interval],
        "recall": dict(zip(EMOTIONS, map(rounded, recalls), strict=True)),
        "confusion": metrics.confusion(probs, labels).tolist(),
        **_scores(probs, labels, "ece", "nll", "brier"),
        "uncalibrated": {
            **_scores(raw, labels, "ece", "nll", "brier", "uar"),
            "reliability": _reliability(raw, labels),
        },
        "by_tick": _by_tick(said, np.repeat(labels, counts)),
        "anomaly_rate": rounded(np.mean(said.anomaly)),
        "by_corpus": _grouped([subject.corpus for subject in judged.subjects], probs, labels),
        "by_sex": _grouped(sexes, probs, labels),
        "ablations": {
            name: _scores(alone, labels, "uar", "nll", "ece") for name, alone in models.items()
        },
        **({"pairs": judged.pairs} if judged.pairs else {}),
        "reliability": _reliability(probs, labels),
        "anomaly_scores": {**score_histogram(said), "threshold": rounded(threshold)},
    }


def _by_tick(said: TickPredictions, labels: NDArray[np.int64]) -> dict[str, Any]:
    """Figures of single ticks, which calibration is fitted on.

    A mean over a clip's ticks is right more often than any one of them, and no surer.
    """
    return {
        "n": len(labels),
        **_scores(said.calibrated, labels, "uar", "ece", "nll", "brier"),
        "uncalibrated": _scores(said.uncalibrated, labels, "uar", "ece", "nll", "brier"),
    }


def score_histogram(said: TickPredictions) -> dict[str, Any]:
    """Anomaly scores of the ticks that the profile's own forest judged, and how many it did not."""
    own = said.anomaly_score[said.own_forest].clip(SCORE_EDGES[0], SCORE_EDGES[-1])
    counts, edges = np.histogram(own, SCORE_EDGES)
    return {
        "edges": edges.tolist(),
        "counts": counts.tolist(),
        "by_fallback": int((~said.own_forest).sum()),
    }


def rounded(value: Any) -> float | None:
    """A figure at four digits; None for one that does not exist."""
    return None if np.isnan(value) else round(float(value), DIGITS)


_FIGURES = {
    "ece": metrics.calibration_error,
    "nll": metrics.negative_log_likelihood,
    "brier": metrics.brier,
    "uar": metrics.balanced_accuracy,
}


def _scores(probs: Probs, labels: NDArray[np.int64], *names: str) -> dict[str, Any]:
    return {name: rounded(_FIGURES[name](probs, labels)) for name in names}


def _grouped(
    groups: Sequence[str | None], probs: Probs, labels: NDArray[np.int64]
) -> dict[str, dict[str, Any]]:
    figures = {}
    for group in sorted({group for group in groups if group is not None}):
        rows = np.array([one == group for one in groups])
        figures[group] = {
            "n": int(rows.sum()),
            "accuracy": rounded(metrics.accuracy(probs[rows], labels[rows])),
            "uar": rounded(metrics.balanced_accuracy(probs[rows], labels[rows])),
        }
    return figures


def _reliability(probs: Probs, labels: NDArray[np.int64]) -> list[dict[str, Any]]:
    return [
        {"confidence": rounded(confidence), "accuracy": rounded(accuracy), "n": int(n)}
        for confidence, accuracy, n in zip(*metrics.reliability(probs, labels), strict=True)
    ]
