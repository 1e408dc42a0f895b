"""Figures of one profile, from what was said at its ticks."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoovik.models.fusion import MEMBERS, Fusion
from hoovik.schema.emotion import EMOTIONS, MEETING_PRIOR, Profile
from training.build import metrics
from training.build.probabilities import prior_weights
from training.evaluation.prediction import ALPHA, Probs, TickPredictions, mean_by_clip
from training.evaluation.sessions import Told, due
from training.evaluation.subjects import Judged
from training.evaluation.ticks import Subject, labels_of

DIGITS = 4
SCORE_EDGES = np.round(np.linspace(0, 1, 51), 2)
"""Of the histograms of anomaly scores, which are p-values: of usual people each bin has a fiftieth."""

SPEAKER_CLIPS = 5
"""A speaker of fewer clips is not compared with others."""


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
        "anomaly_scores": {
            **score_histogram(said.anomaly_score, said.own_forest),
            "threshold": ALPHA,
        },
    }


def told_figures(
    profile: Profile, subjects: Sequence[Subject], told: Sequence[Told], fusion: Fusion
) -> dict[str, Any]:
    """Figures of what a client is told, through the session: rules, gate, prior, smoothing, doubt.

    Every clip counts the same, and the classes count as often as a meeting has them, so that
    shares are those that a meeting would see. UAR does not depend on that. Speakers are compared
    as they are.

    Args:
        profile: that counts.
        subjects: N clips.
        told: what is told of each.
        fusion: knows the least probability of a class of a conformal set.

    Returns:
        `n` clips and `ticks`; `accuracy` and `uar` of the labels, the share `uncertain`, `coverage`
        of the conformal sets, `accuracy_certain` and `uar_certain` of the labels that are not
        uncertain; `flagged`, and how the ticks are shared out over `flagged_right`,
        `flagged_wrong`, `passed_right` and `passed_wrong`; `by_speaker` of those with
        `SPEAKER_CLIPS`, None where there are none.
    """
    rows = [
        (place, one)
        for place, own in enumerate(told)
        for one in map(own.__getitem__, due(own, profile))
    ]
    if not rows:
        return {"n": 0, "ticks": 0}
    clip = np.array([place for place, _ in rows])
    labels = labels_of(subjects)[clip]
    right = np.array([one.emotion for _, one in rows]) == np.array(EMOTIONS)[labels]
    uncertain = np.array([one.uncertain for _, one in rows], bool)
    flagged = np.array([one.anomaly for _, one in rows], bool)
    covered = np.array(
        [
            one.probs[EMOTIONS[label]] >= fusion.pool(one.modality).least
            for label, (_, one) in zip(labels, rows, strict=True)
        ]
    )
    judged, of_clip, ticks = np.unique(clip, return_inverse=True, return_counts=True)
    clips = labels_of([subjects[place] for place in judged])
    weights = (prior_weights(clips, MEETING_PRIOR) / ticks)[of_clip]

    def share(flags: NDArray[np.bool_], of: NDArray[np.bool_]) -> float | None:
        return rounded(np.average(flags[of], weights=weights[of]) if of.any() else np.nan)

    def uar(of: NDArray[np.bool_]) -> float | None:
        recalls = [share(right, of & (labels == label)) for label in np.unique(labels)]
        known = [recall for recall in recalls if recall is not None]
        return rounded(np.mean(known)) if known else None

    everything = np.ones(len(labels), bool)
    return {
        "n": len(judged),
        "ticks": len(rows),
        "accuracy": share(right, everything),
        "uar": uar(everything),
        "uncertain": share(uncertain, everything),
        "coverage": share(covered, everything),
        "accuracy_certain": share(right, ~uncertain),
        "uar_certain": uar(~uncertain),
        "flagged": share(flagged, everything),
        "flagged_right": share(flagged & right, everything),
        "flagged_wrong": share(flagged & ~right, everything),
        "passed_right": share(~flagged & right, everything),
        "passed_wrong": share(~flagged & ~right, everything),
        "by_speaker": _by_speaker(
            np.array([subjects[place].clip.speaker for place in judged])[of_clip],
            of_clip,
            labels,
            right,
            covered,
        ),
    }


def _by_speaker(
    speakers: NDArray[np.str_],
    clips: NDArray[np.intp],
    labels: NDArray[np.int64],
    right: NDArray[np.bool_],
    covered: NDArray[np.bool_],
) -> dict[str, Any] | None:
    """Coverage and what is right, of the ticks of each speaker of enough clips; mean and worst."""
    found = []
    for speaker in np.unique(speakers):
        own = speakers == speaker
        n = len(np.unique(clips[own]))
        if n >= SPEAKER_CLIPS:
            recalls = [right[own & (labels == label)].mean() for label in np.unique(labels[own])]
            found.append((n, covered[own].mean(), right[own].mean(), np.mean(recalls)))
    if not found:
        return None
    least = min(found, key=lambda one: one[1])
    worst = min(found, key=lambda one: one[2])
    return {
        "speakers": len(found),
        "coverage_mean": rounded(np.mean([coverage for _, coverage, _, _ in found])),
        "coverage_worst": {"n": least[0], "coverage": rounded(least[1])},
        "worst": {"n": worst[0], "accuracy": rounded(worst[2]), "uar": rounded(worst[3])},
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


def score_histogram(scores: NDArray[np.floating], own_forest: NDArray[np.bool_]) -> dict[str, Any]:
    """Anomaly scores (T,) of the ticks that the profile's own forest judged, and how many it did not."""
    counts, edges = np.histogram(scores[own_forest], SCORE_EDGES)
    return {
        "edges": edges.tolist(),
        "counts": counts.tolist(),
        "by_fallback": int((~own_forest).sum()),
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
