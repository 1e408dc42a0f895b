"""How the errors of a voice and a face go together, where both are one person's at one time.

Pairs made by label put one person's voice beside another's face, so that their errors are
independent, and a calibration on such pairs is surer than it may be. OpenFace's action units of
the videos of which RAVDESS' voices are the sound show both of one take.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from hoovik.errors import ConfigurationError
from hoovik.models.fusion import sharpened
from hoovik.models.probability import softmax
from hoovik.schema.emotion import EMOTIONS
from training.build.metrics import balanced_accuracy, calibration_error, negative_log_likelihood
from training.build.probabilities import fit_sharpness
from training.extraction.encoding import Extracted

CORPUS = "ravdess"
FOLDS = 5
INVERSE_PENALTY = 0.01
"""Of the squared weights of standardised columns, as scikit-learn's C; not tuned."""

DRAWS = 20
"""Of the pairs by label that the ratio is taken over: from one draw to another their sharpness differs
by some 4 %, which is nearly what the ratio is about."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Voice and face of N takes.

    Attributes:
        voices: (N, D) mean voice vectors.
        faces: (N, 35) mean intensities and presences of action units.
        labels: (N,) indices into EMOTIONS.
        actors: (N,).
    """

    voices: Array
    faces: Array
    labels: NDArray[np.int64]
    actors: NDArray[np.str_]

    @classmethod
    def of(cls, action_units: Path, extracted: Sequence[Extracted]) -> "Pairs | None":
        """The takes of which there are both; None where there are too few actors for the folds.

        Args:
            action_units: OpenFace's means, semicolons between columns `AU*` and `name`.
            extracted: first takes of clips, of which RAVDESS' voices count.

        Raises:
            ConfigurationError: no such file, or one without those columns.
        """
        units = _read(action_units)
        chosen = [
            (one, units[_video(one.clip.name)])
            for one in extracted
            if one.clip.corpus == CORPUS
            and one.clip.label is not None
            and len(one.audio)
            and _video(one.clip.name) in units
        ]
        if len({one.clip.speaker for one, _ in chosen}) < FOLDS:
            return None
        return cls(
            np.array([one.audio.mean(axis=0) for one, _ in chosen], np.float64),
            np.array([own for _, own in chosen], np.float64),
            np.array([one.clip.label for one, _ in chosen], np.int64),
            np.array([one.clip.speaker for one, _ in chosen], np.str_),
        )


@dataclass(frozen=True, slots=True)
class Together:
    """What true pairs say that pairs made by label do not.

    Attributes:
        ratio: sharpness of true pairs over that of pairs by label, at most 1: how much less a
            second modality tells that is the same person's.
        figures: of voice, face and both on people of other folds, ready for JSON.
    """

    ratio: float
    figures: dict[str, Any]


def together(pairs: Pairs, seed: int) -> Together:
    """Judge regressions of either modality on actors that they have not seen, and both pooled.

    Both are a product of experts less the prior that they share; its sharpness is that of the least negative
    log-likelihood, found on the other actors for the figures and on all for the ratio.

    Args:
        pairs: of five actors at least.
        seed: draws the pairs by label, of actors of one fold, `DRAWS` times for the ratio; figures
            of them are of the first.
    """
    labels = pairs.labels
    prior = np.log(np.bincount(labels, minlength=len(EMOTIONS)) / len(labels))
    voice, face = (_unseen(pairs, columns) for columns in (pairs.voices, pairs.faces))
    rng = np.random.default_rng([seed, 5])
    true = softmax(voice + face - prior)
    draws = [softmax(voice + face[_partners(pairs, rng)] - prior) for _ in range(DRAWS)]
    by_label = draws[0]
    independent = np.exp(np.mean([np.log(fit_sharpness(probs, labels)) for probs in draws]))
    ratio = min(1.0, round(float(fit_sharpness(true, labels) / independent), 4))
    alone = {"voice": softmax(voice), "face": softmax(face)}
    # As sharp as other actors' pairs by label ask for, and as their true pairs do.
    told = {
        "both, by label": _resharpened(by_label, by_label, pairs),
        "both, as if by label": _resharpened(true, by_label, pairs),
        "both": _resharpened(true, true, pairs),
    }
    figures = {
        "n": len(labels),
        "actors": len(set(pairs.actors.tolist())),
        "ratio": ratio,
        "of": {name: _figures(probs, pairs, rng) for name, probs in {**alone, **told}.items()},
    }
    return Together(ratio, figures)


def _read(path: Path) -> dict[str, list[float]]:
    try:
        with path.open(encoding="utf-8", newline="") as opened:
            rows = list(csv.DictReader(opened, delimiter=";"))
        return {
            row["name"]: [float(value) for key, value in row.items() if key.startswith("AU")]
            for row in rows
        }
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{path} has no action units: {error!r}") from error


def _video(voice: str) -> str:
    """Name of the video of which a voice is the sound: 01-... of 03-..."""
    return f"01{Path(voice).stem[2:]}"


def _model() -> Pipeline:
    return make_pipeline(
        StandardScaler(),
        LogisticRegression(C=INVERSE_PENALTY, max_iter=500),
    )


def _unseen(pairs: Pairs, columns: Array) -> Array:
    """Log-probabilities (N, 6) of actors of other folds, as sure as they are right."""
    folds = GroupKFold(FOLDS)
    said = cross_val_predict(
        _model(), columns, pairs.labels, groups=pairs.actors, cv=folds, method="predict_log_proba"
    )
    said = np.asarray(said, np.float64)
    probs = _resharpened(softmax(said), softmax(said), pairs)
    return np.asarray(np.log(probs.clip(1e-12)), np.float64)


def _resharpened(probs: Array, like: Array, pairs: Pairs) -> Array:
    """Probabilities (N, 6), each as sharp as suits what `like` says of the actors of other folds."""
    result = np.empty_like(probs)
    for others, own in GroupKFold(FOLDS).split(probs, groups=pairs.actors):
        result[own] = sharpened(probs[own], fit_sharpness(like[others], pairs.labels[others]))
    return result


def _partners(pairs: Pairs, rng: np.random.Generator) -> NDArray[np.intp]:
    """For each take (N,) another actor's of the same class and fold, or of any fold's."""
    folds = np.empty(len(pairs.labels), np.intp)
    for number, (_, own) in enumerate(GroupKFold(FOLDS).split(pairs.labels, groups=pairs.actors)):
        folds[own] = number
    partners = np.empty(len(pairs.labels), np.intp)
    for row, (label, actor) in enumerate(zip(pairs.labels, pairs.actors, strict=True)):
        alike = (pairs.labels == label) & (pairs.actors != actor)
        near = np.flatnonzero(alike & (folds == folds[row]))
        partners[row] = rng.choice(near if near.size else np.flatnonzero(alike))
    return partners


def _figures(probs: Array, pairs: Pairs, rng: np.random.Generator) -> dict[str, Any]:
    labels = pairs.labels
    by_actor = [np.flatnonzero(pairs.actors == actor) for actor in np.unique(pairs.actors)]
    drawn = []
    for _ in range(500):
        some = rng.integers(len(by_actor), size=len(by_actor))
        rows = np.concatenate([by_actor[place] for place in some])
        drawn.append(balanced_accuracy(probs[rows], labels[rows]))
    return {
        "uar": round(balanced_accuracy(probs, labels), 4),
        "uar_interval": [round(float(end), 4) for end in np.quantile(drawn, (0.025, 0.975))],
        "ece": round(calibration_error(probs, labels), 4),
        "nll": round(negative_log_likelihood(probs, labels), 4),
    }
