"""How a model stands on validation, and its learning curves epoch by epoch."""

from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from hoovik.models.ensemble import transformer_logits
from hoovik.models.probability import softmax
from hoovik.models.transformer import EmotionTransformer
from hoovik.schema.emotion import Profile
from training.build.metrics import balanced_accuracy, negative_log_likelihood
from training.build.samples import SampleSet


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
