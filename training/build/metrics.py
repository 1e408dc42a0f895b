"""Figures of a classifier of six classes, from probabilities (N, 6) and labels (N,), and of a model on validation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from hoovik.models.ensemble import transformer_logits
from hoovik.models.probability import softmax
from hoovik.models.transformer import EmotionTransformer
from hoovik.schema.emotion import EMOTIONS, Profile
from training.build.samples import SampleSet

Probs = NDArray[np.floating]
Labels = NDArray[np.int64]

ECE_BINS = 15


def accuracy(probs: Probs, labels: Labels) -> float:
    """Share of samples whose most probable class is right (weighted accuracy, WAR)."""
    return float(np.mean(probs.argmax(axis=1) == labels))


def recalls(probs: Probs, labels: Labels) -> NDArray[np.float64]:
    """Recall of each class (6,); NaN for a class that does not occur."""
    right = probs.argmax(axis=1) == labels
    n = np.bincount(labels, minlength=len(EMOTIONS))
    hits = np.bincount(labels, weights=right, minlength=len(EMOTIONS))
    return np.where(n > 0, hits / np.maximum(n, 1), np.nan)


def balanced_accuracy(probs: Probs, labels: Labels) -> float:
    """Unweighted average recall (UAR) over the classes that occur."""
    return float(np.nanmean(recalls(probs, labels)))


def negative_log_likelihood(
    probs: Probs, labels: Labels, weights: NDArray[np.float64] | None = None
) -> float:
    """Mean -log p of the right class, p at least 1e-12; weighted, where weights (N,) are given."""
    losses = -np.log(probs[np.arange(len(labels)), labels].clip(1e-12))
    return float(np.average(losses, weights=weights))


def brier(probs: Probs, labels: Labels) -> float:
    """Mean squared distance of the probabilities from the truth, 0 to 2 (Brier 1950)."""
    return float(((probs - np.eye(len(EMOTIONS))[labels]) ** 2).sum(axis=1).mean())


def calibration_error(probs: Probs, labels: Labels) -> float:
    """Expected calibration error of the top class, 15 equal bins (Guo et al. 2017).

    Biased upwards: of a perfectly calibrated model it is about 0.023 at 1,640 samples and 0.053 at
    300.
    """
    bins, confidence, right = _confidence_bins(probs, labels)
    gaps = np.bincount(bins, weights=right - confidence, minlength=ECE_BINS)
    return float(np.abs(gaps).sum() / len(labels))


def class_calibration_errors(probs: Probs, labels: Labels) -> NDArray[np.float64]:
    """Expected calibration error of each class against all others (6,), 15 equal bins.

    Their mean is the classwise ECE of Kull et al. 2019; biased upwards as the other one.
    """
    bins = np.minimum((probs * ECE_BINS).astype(np.intp), ECE_BINS - 1)
    shown = labels[:, None] == np.arange(len(EMOTIONS))
    gaps = [
        np.bincount(bins[:, place], (shown - probs)[:, place], ECE_BINS)
        for place in range(len(EMOTIONS))
    ]
    return np.asarray(np.abs(gaps).sum(axis=1) / len(labels), np.float64)


def risks(probs: Probs, labels: Labels) -> NDArray[np.float64]:
    """Share of errors (N,) among the k samples that one is surest of, for k of 1 to N.

    The risk-coverage curve of El-Yaniv & Wiener 2010; its mean is the AURC of Geifman et al. 2019.
    """
    surest = np.argsort(-probs.max(axis=1), kind="stable")
    wrong = (probs.argmax(axis=1) != labels)[surest]
    return np.asarray(np.cumsum(wrong) / np.arange(1, len(labels) + 1), np.float64)


def aurc(probs: Probs, labels: Labels) -> float:
    """Area under the risk-coverage curve: 0 where no error is surer than anything right."""
    return float(risks(probs, labels).mean())


def reliability(
    probs: Probs, labels: Labels
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Mean confidence, accuracy and number of samples (15,) of the bins of the calibration error.

    NaN in a bin without samples.
    """
    bins, confidence, right = _confidence_bins(probs, labels)
    n = np.bincount(bins, minlength=ECE_BINS)
    means = [
        np.where(n > 0, np.bincount(bins, values, ECE_BINS) / np.maximum(n, 1), np.nan)
        for values in (confidence, right)
    ]
    return means[0], means[1], n


def confusion(probs: Probs, labels: Labels) -> NDArray[np.int64]:
    """Counts (6, 6): row the true class, column the most probable one."""
    counts = np.zeros((len(EMOTIONS), len(EMOTIONS)), np.int64)
    np.add.at(counts, (labels, probs.argmax(axis=1)), 1)
    return counts


def _confidence_bins(
    probs: Probs, labels: Labels
) -> tuple[NDArray[np.intp], NDArray[np.floating], NDArray[np.bool_]]:
    """Bin, confidence and rightness of the top class of each sample (N,)."""
    confidence, right = probs.max(axis=1), probs.argmax(axis=1) == labels
    bins = np.minimum((confidence * ECE_BINS).astype(np.intp), ECE_BINS - 1)
    return bins, confidence, right


def bootstrap_interval(
    figure: Callable[[Probs, Labels], float | NDArray[np.float64]],
    probs: Probs,
    labels: Labels,
    owners: tuple[str, ...],
    resamples: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """95 % interval (2, ...) of a figure (...) when owners are resampled with all their samples.

    Samples of one person are alike, so that resampling samples would claim too narrow an interval.
    """
    _, whose = np.unique(np.array(owners), return_inverse=True)
    members = [np.flatnonzero(whose == owner) for owner in range(whose.max() + 1)]
    values = []
    for _ in range(resamples):
        drawn = rng.integers(len(members), size=len(members))
        rows = np.concatenate([members[owner] for owner in drawn])
        values.append(figure(probs[rows], labels[rows]))
    return np.asarray(np.percentile(np.array(values), [2.5, 97.5], axis=0), np.float64)


class Epoch(TypedDict):
    """One point of the learning curves, as JSON holds it.

    Attributes:
        epoch: its number, from 1; a phase that ends early leaves a gap.
        phase: name of the phase.
        loss: mean training loss.
        nll: negative log-likelihood on validation, by profile.
        uar: unweighted average recall on validation, by profile.
    """

    epoch: int
    phase: str
    loss: float
    nll: dict[str, float]
    uar: dict[str, float]


@dataclass(frozen=True, slots=True)
class Standing:
    """Negative log-likelihood and unweighted average recall (UAR) of each profile's value."""

    nll: dict[str, float]
    uar: dict[str, float]

    @property
    def loss(self) -> float:
        """Mean negative log-likelihood of the profiles."""
        return float(np.mean(list(self.nll.values())))

    @property
    def report(self) -> str:
        """One line that says it all."""
        return ", ".join(
            f"{profile} NLL {nll:.3f} UAR {self.uar[profile]:.3f}"
            for profile, nll in self.nll.items()
        )


def logits_of(model: EmotionTransformer, samples: SampleSet) -> NDArray[np.float32]:
    """Logits (N, 6) of a set of samples."""
    return np.concatenate([transformer_logits(model, chunk) for chunk in samples.chunks(256)])


def judge(model: EmotionTransformer, judged: dict[Profile, SampleSet]) -> Standing:
    """How a model does on the samples of each profile that is given."""
    model.eval()
    standing = Standing({}, {})
    for profile, samples in judged.items():
        probs = softmax(logits_of(model, samples))
        standing.nll[profile.value] = negative_log_likelihood(probs, samples.labels)
        standing.uar[profile.value] = balanced_accuracy(probs, samples.labels)
    return standing
