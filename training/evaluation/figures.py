"""Figures of one profile, from what was said at its ticks."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoovik.layout import TICK_S
from hoovik.models.fusion import MEMBERS
from hoovik.schema.emotion import EMOTIONS, MEETING_PRIOR
from hoovik.session.smoothing import Smoother, told
from hoovik.settings import SessionSettings
from training.build import metrics
from training.build.probabilities import prior_weights
from training.evaluation.prediction import ALPHA, Probs, TickPredictions, mean_by_clip
from training.evaluation.subjects import Judged
from training.evaluation.ticks import labels_of

DIGITS = 4
SCORE_EDGES = np.round(np.linspace(0, 1, 51), 2)
"""Of the histograms of anomaly scores, which are p-values: of usual people each bin has a fiftieth."""


def profile_figures(
    judged: Judged, said: TickPredictions, resamples: int, seed: int
) -> dict[str, Any]:
    """Figures of one profile; a clip counts once, by the mean of its calibrated probabilities.

    Args:
        judged: N subjects with T ticks in all.
        said: at these ticks, the subjects end to end.
        resamples: of the bootstrap over speakers.
        seed: of the bootstrap.
    """
    counts = [len(subject.ticks) for subject in judged.subjects]
    labels = labels_of(judged.subjects)
    speakers = tuple(subject.clip.speaker for subject in judged.subjects)
    probs = mean_by_clip(said.calibrated, counts)
    raw = mean_by_clip(said.uncalibrated, counts)

    def interval(
        figure: Callable[[metrics.Probs, metrics.Labels], float | NDArray[np.float64]],
    ) -> NDArray[np.float64]:
        rng = np.random.default_rng(seed)
        return metrics.bootstrap_interval(figure, probs, labels, speakers, resamples, rng)

    recalls = metrics.recalls(probs, labels).tolist()
    models = {
        **{
            name: mean_by_clip(said.members[:, place], counts) for place, name in enumerate(MEMBERS)
        },
        "without_calibration": raw,
        # With the frequencies of the test itself, which is more than anybody can know.
        "majority": np.tile(
            np.bincount(labels, minlength=len(EMOTIONS)) / len(labels), (len(labels), 1)
        ),
    }
    sexes = [subject.clip.sex for subject in judged.subjects]
    return {
        "n": len(labels),
        "speakers": len(set(speakers)),
        "ticks": sum(counts),
        "accuracy": rounded(metrics.accuracy(probs, labels)),
        "uar": rounded(metrics.balanced_accuracy(probs, labels)),
        "uar_ci": [rounded(bound) for bound in interval(metrics.balanced_accuracy)],
        "recall": dict(zip(EMOTIONS, map(rounded, recalls), strict=True)),
        "confusion": metrics.confusion(probs, labels).tolist(),
        **_scores(probs, labels, "ece", "nll", "brier", "aurc"),
        "aurc_ci": [rounded(bound) for bound in interval(metrics.aurc)],
        "risk_coverage": _risk_coverage(probs, labels),
        "class_ece": _by_class(
            metrics.class_calibration_errors(probs, labels),
            *interval(metrics.class_calibration_errors),
        ),
        "told": told_figures(judged, said),
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
        "anomaly_scores": {**score_histogram(said), "threshold": ALPHA},
    }


def told_figures(judged: Judged, said: TickPredictions) -> dict[str, Any]:
    """Figures of what a client is told in a meeting: smoothed, with its prior and its doubt.

    Every clip counts the same, and the classes count as often as a meeting has them, so that
    shares are those that a meeting would see. UAR does not depend on that.

    Args:
        judged: N subjects with T ticks in all.
        said: at these ticks, the subjects end to end.

    Returns:
        `accuracy` and `uar` of the labels, the share `uncertain`, `coverage` of the conformal
        sets, and `accuracy_certain` and `uar_certain` of the labels that are not uncertain.
    """
    right, doubts, covered, row = [], [], [], 0
    for subject in judged.subjects:
        smoother = Smoother(SessionSettings())
        for tick in subject.ticks:
            mean = smoother.update(
                said.told[row].astype(np.float32), judged.profile, TICK_S * tick.number
            )
            label, _, uncertain = told(mean, said.least[row])
            right.append(label == EMOTIONS[subject.label])
            doubts.append(uncertain)
            covered.append(mean[subject.label] >= said.least[row])
            row += 1
    counts = [len(subject.ticks) for subject in judged.subjects]
    clips = labels_of(judged.subjects)
    labels = np.repeat(clips, counts)
    weights = np.repeat(prior_weights(clips, MEETING_PRIOR) / np.array(counts), counts)
    certain = ~np.array(doubts)

    def share(flags: Sequence[bool] | NDArray[np.bool_], of: NDArray[np.bool_]) -> float | None:
        return rounded(np.average(np.array(flags)[of], weights=weights[of]) if of.any() else np.nan)

    def uar(of: NDArray[np.bool_]) -> float | None:
        recalls = [share(right, of & (labels == label)) for label in np.unique(labels)]
        known = [recall for recall in recalls if recall is not None]
        return rounded(np.mean(known)) if known else None

    everything = np.ones(len(labels), bool)
    return {
        "accuracy": share(right, everything),
        "uar": uar(everything),
        "uncertain": share(doubts, everything),
        "coverage": share(covered, everything),
        "accuracy_certain": share(right, certain),
        "uar_certain": uar(certain),
    }


def _risk_coverage(probs: Probs, labels: NDArray[np.int64]) -> list[dict[str, Any]]:
    risks = metrics.risks(probs, labels)
    shares = np.linspace(0.1, 1, 10)
    places = np.ceil(shares * len(risks) - 1e-9).astype(np.intp) - 1
    return [
        {"coverage": rounded(share), "risk": rounded(risks[place])}
        for share, place in zip(shares, places, strict=True)
    ]


def _by_class(
    values: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> dict[str, dict[str, Any]]:
    rows = zip(EMOTIONS, values, low, high, strict=True)
    return {
        emotion: {"value": rounded(value), "ci": [rounded(least), rounded(most)]}
        for emotion, value, least, most in rows
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
    own = said.anomaly_score[said.own_forest]
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
    "aurc": metrics.aurc,
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
