from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ConfigDict
from torch import Tensor
from torch.nn import functional

from hoovik.face.embedded import EmbeddedFaceEncoder
from hoovik.face.encoder import DETECTOR_FILE, EXPRESSION_FILE, STUDENT_FILE
from hoovik.face.expression import Expression, ExpressionNet, expressions
from hoovik.schema.emotion import EMOTIONS
from hoovik.weights import load_weights, save_network
from training.build.metrics import accuracy, balanced_accuracy, bootstrap_interval, recalls
from training.corpora.clip import Clip
from training.face.descent import Descent, descend
from training.face.expressions import Expressions, ExpressionViewer, plain_crops
from training.splits import Split

EXPRESSION_DESCENT = Descent(
    epochs=30, batches=360, batch=64, learning_rate=3e-3, weight_decay=0.05, average_decay=0.998
)
RARE = 0.5
"""Power of a class's inverse frequency by which its pictures are drawn more often: 0 as they come,
1 all classes alike."""
ADJUSTMENT = 0.75
"""Of the logarithm of a class's frequency in training, how much its logits lose at the end. On
validation, with 0, 0.5, 0.75 and 1: UAR 0.68, 0.76, 0.82 and 0.84, accuracy 0.85, 0.83, 0.82 and
0.80."""
JUDGED_AT_ONCE = 256
RESAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class ExpressionFit:
    """How much of everything; None: as the descent says."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    epochs: int = EXPRESSION_DESCENT.epochs
    batches: int | None = None


def fit_expression_encoder(
    splits: Mapping[Split, Sequence[Clip]], folder: Path, how: ExpressionFit, seed: int
) -> dict[str, Any]:
    """Train the expression network where its file is not there yet, and judge it on test pictures.

    Args:
        splits: of which the stills with votes count. Training ones teach by all their votes, the
            others judge by what most people saw.
        folder: holds the weights that find faces; takes the network's own, and its checkpoint.
        how: amounts.
        seed: of the weights and of everything drawn.

    Returns:
        Figures on the test pictures, ready for JSON; none at all where no picture teaches.
    """
    taught = voted(splits[Split.TRAIN])
    if not taught:
        return {}
    weights = folder / DETECTOR_FILE, folder / STUDENT_FILE
    finder = EmbeddedFaceEncoder.from_files(*weights)
    held_out = {
        split: Expressions.of(
            [one for one in voted(splits[split]) if one.label is not None], finder, weights
        )
        for split in (Split.VALIDATION, Split.TEST)
    }
    path = folder / EXPRESSION_FILE
    if not path.is_file():
        fitted = fit_expression(
            Expressions.of(taught, finder, weights),
            held_out[Split.VALIDATION],
            replace(
                EXPRESSION_DESCENT,
                epochs=how.epochs,
                batches=how.batches or EXPRESSION_DESCENT.batches,
            ),
            seed,
            path.with_name("expression.checkpoint"),
        )
        save_network(fitted, path)
    network = ExpressionNet()
    load_weights(network, path, "expression encoder")
    score = judge_expressions(network.eval(), held_out[Split.TEST])
    print(f"expressions, test pictures: {score}", flush=True)
    return asdict(score)


def voted(clips: Sequence[Clip]) -> list[Clip]:
    """Those that people have voted on."""
    return [clip for clip in clips if clip.votes is not None]


def fit_expression(
    pictures: Expressions,
    validation: Expressions,
    how: Descent,
    seed: int,
    checkpoint: Path | None = None,
) -> ExpressionNet:
    """Train an expression network on the votes of pictures.

    Classes that are rare in training would be said too seldom, so that their logits are raised at
    the end: post-hoc logit adjustment (Menon et al. 2021, "Long-tail learning via logit
    adjustment").

    Args:
        pictures: to learn from.
        validation: others, each with a label, for the reports.
        how: the schedule.
        seed: of the weights and of the crops.
        checkpoint: see `descend`.
    """
    torch.manual_seed(seed)
    share = draw_share(pictures.targets)

    def epoch(number: int) -> Iterator[tuple[Tensor, Tensor]]:
        for batch in range((number - 1) * how.batches, number * how.batches):
            rng = np.random.default_rng([seed, batch])
            viewer = ExpressionViewer(pictures, rng)
            rows = rng.choice(len(pictures), how.batch, p=share)
            crops = np.stack([viewer.crop(row) for row in rows.tolist()])
            yield torch.from_numpy(crops).float(), torch.from_numpy(pictures.targets[rows])

    network = descend(
        ExpressionNet(),
        epoch,
        lambda network, batch: functional.cross_entropy(network(batch[0]).float(), batch[1]),
        how,
        lambda network: str(judge_expressions(network, validation, resamples=0)),
        checkpoint,
    )
    with torch.no_grad():
        network.emotions.bias.add_(torch.from_numpy(adjustment(share @ pictures.targets)))
    return network


def adjustment(frequency: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the logits of classes that were drawn with frequencies (6,) are raised by (6,)."""
    return np.asarray(-ADJUSTMENT * np.log(frequency.clip(1e-6)), np.float64)


def draw_share(targets: NDArray[np.float32]) -> NDArray[np.float64]:
    """(N,) how often each picture is drawn: more where people saw in it what is rare."""
    frequency = targets.mean(axis=0, dtype=np.float64).clip(1 / len(targets))
    weight = targets @ frequency**-RARE
    return np.asarray(weight / weight.sum(), np.float64)


@dataclass(frozen=True, slots=True)
class ExpressionScore:
    """How well the emotions of faces are told.

    Attributes:
        n: faces, of each of which a majority says the same.
        n_lost: pictures in which no face was found; they count for nothing here.
        uar, accuracy: of what the majority says.
        uar_interval, accuracy_interval: 95 %, by bootstrap; None where it was not asked for.
        nll: of the votes, in nats.
        recalls: of each of `EMOTIONS`.
    """

    n: int
    n_lost: int
    uar: float
    accuracy: float
    uar_interval: tuple[float, float] | None
    accuracy_interval: tuple[float, float] | None
    nll: float
    recalls: dict[str, float]

    def __str__(self) -> str:
        shown = ", ".join(f"{emotion} {recall:.2f}" for emotion, recall in self.recalls.items())
        return (
            f"UAR {self.uar:.4f} {_between(self.uar_interval)}, accuracy {self.accuracy:.4f} "
            f"{_between(self.accuracy_interval)}, NLL {self.nll:.4f} ({shown}; n = {self.n}, "
            f"without a face {self.n_lost})"
        )


def judge_expressions(
    network: Expression, pictures: Expressions, *, resamples: int = RESAMPLES
) -> ExpressionScore:
    """Compare what a network tells of pictures, as they are, with what people saw.

    Args:
        network: evaluated.
        pictures: each with a label.
        resamples: of the bootstrap; 0: no intervals.
    """
    logits, labels = logits_of(network, pictures), pictures.labels

    def interval(figure: Callable[..., float]) -> tuple[float, float] | None:
        if not resamples:
            return None
        rng = np.random.default_rng(0)
        low, high = bootstrap_interval(figure, logits, labels, pictures.owners, resamples, rng)
        return float(low), float(high)

    return ExpressionScore(
        len(pictures),
        pictures.n_lost,
        balanced_accuracy(logits, labels),
        accuracy(logits, labels),
        interval(balanced_accuracy),
        interval(accuracy),
        float(
            functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(pictures.targets))
        ),
        dict(zip(EMOTIONS, recalls(logits, labels).tolist(), strict=True)),
    )


def logits_of(network: Expression, pictures: Expressions) -> NDArray[np.float32]:
    """(N, 6) float32 of pictures as they are."""
    crops = plain_crops(pictures)
    parts = [
        expressions(network, list(crops[first : first + JUDGED_AT_ONCE]))
        for first in range(0, len(crops), JUDGED_AT_ONCE)
    ]
    return np.concatenate(parts)


def _between(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"({interval[0]:.4f} to {interval[1]:.4f})"
