from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import ClassVar, cast

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ConfigDict
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.lr_scheduler import OneCycleLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from hoovik.audio.network import SpeechNet
from hoovik.layout import AUDIO_DIM
from hoovik.schema.emotion import EMOTIONS
from training.audio.augment import Augmentation, crop, mask, mix, roughen
from training.audio.evaluate import WindowSet, recall
from training.audio.line import Line, through_line
from training.corpora.balance import Balanced


@dataclass(frozen=True, slots=True)
class FitSettings:
    """How the encoder is trained.

    Attributes:
        epochs: of `batches` batches of `batch` windows each.
        learning_rate: peak of the one-cycle schedule of AdamW.
        dropout: on the embedding, before the classifier that is thrown away afterwards.
        average_decay: of the exponential average of the weights, which is what is kept.
        augmentation: by masks, noise and other voices, on the whole batch.
        line: on each window before them.
        judge_every: epochs between two looks at the validation speakers.
        patience: looks without a better one after which training ends.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    epochs: int = 160
    batches: int = 32
    batch: int = 64
    learning_rate: float = 3e-3
    weight_decay: float = 0.05
    label_smoothing: float = 0.1
    dropout: float = 0.5
    average_decay: float = 0.995
    judge_every: int = 5
    patience: int = 12
    augmentation: Augmentation = field(default_factory=Augmentation)
    line: Line = field(default_factory=Line)


@dataclass(frozen=True, slots=True)
class TrainingClip:
    """One training clip: samples (n,), label, corpus, and the centres in s of its speech (k,)."""

    samples: NDArray[np.float32]
    label: int
    corpus: str
    centres_s: NDArray[np.float64]


class SpeechClassifier(nn.Module):
    """The encoder under a linear layer of six classes, for training alone."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.encoder = SpeechNet()
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(AUDIO_DIM, len(EMOTIONS)))

    def forward(self, windows: Tensor) -> Tensor:
        """(N, 9600) samples to (N, 6) logits."""
        return self.classify(self.encoder.log_mel(windows))

    def classify(self, log_mel: Tensor) -> Tensor:
        """(N, 64, 57) log-mel to (N, 6) logits."""
        logits: Tensor = self.head(self.encoder.embed(log_mel))
        return logits


def fit(
    clips: list[TrainingClip], validation: WindowSet, how: FitSettings, seed: int
) -> SpeechClassifier:
    """Train a classifier; returns the averaged weights that did best on the validation windows."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = SpeechClassifier(how.dropout)
    average = AveragedModel(
        model, multi_avg_fn=get_ema_multi_avg_fn(how.average_decay), use_buffers=True
    )
    averaged = cast(SpeechClassifier, average.module)
    optimiser = torch.optim.AdamW(
        model.parameters(), how.learning_rate, weight_decay=how.weight_decay
    )
    schedule = OneCycleLR(
        optimiser, how.learning_rate, total_steps=how.epochs * how.batches, pct_start=0.15
    )
    best_uar, best, judged_since = -1.0, deepcopy(averaged), 0
    for epoch in range(1, how.epochs + 1):
        model.train()
        total = 0.0
        for windows, labels in _batches(clips, how, rng):
            optimiser.zero_grad()
            loss = _loss(model, windows, labels, how, rng)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            average.update_parameters(model)
            total += loss.item()
        if epoch % how.judge_every and epoch != how.epochs:
            continue
        seen = recall(averaged, validation)
        print(f"epoch {epoch}: loss {total / how.batches:.3f}, validation {seen}", flush=True)
        judged_since += 1
        if seen.window_uar > best_uar:
            best_uar, best, judged_since = seen.window_uar, deepcopy(averaged), 0
        if judged_since >= how.patience:
            break
    return best


def _batches(
    clips: list[TrainingClip], how: FitSettings, rng: np.random.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches with all classes equally frequent: (N, 9600) windows, (N,) labels."""
    members = [
        Balanced([clip for clip in clips if clip.label == label]) for label in range(len(EMOTIONS))
    ]
    for _ in range(how.batches):
        drawn = [members[label].draw(rng) for label in rng.integers(0, 6, how.batch)]
        windows = [
            through_line(
                crop(clip.samples, rng.choice(clip.centres_s), how.augmentation, rng), how.line, rng
            )
            for clip in drawn
        ]
        yield torch.from_numpy(np.stack(windows)), torch.tensor([clip.label for clip in drawn])


def _loss(
    model: SpeechClassifier,
    windows: Tensor,
    labels: Tensor,
    how: FitSettings,
    rng: np.random.Generator,
) -> Tensor:
    with torch.no_grad():
        log_mel = model.encoder.log_mel(roughen(windows, how.augmentation, rng))
        log_mel = mask(log_mel, how.augmentation, rng)
        targets = functional.one_hot(labels, len(EMOTIONS)).float()
        log_mel, targets = mix(log_mel, targets, how.augmentation, rng)
    return functional.cross_entropy(
        model.classify(log_mel), targets, label_smoothing=how.label_smoothing
    )
