"""Fitting of the EmotionTransformer along its curriculum."""

import math
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from hoovik.models.ensemble import transformer_logits
from hoovik.models.probability import softmax
from hoovik.models.transformer import EmotionTransformer
from hoovik.schema.emotion import Profile
from training.build.curriculum import Curriculum, Phase
from training.build.draws import Source, draw_set
from training.build.metrics import balanced_accuracy, negative_log_likelihood
from training.build.mixing import Batch, drop_modalities, mix
from training.build.objective import objective
from training.build.samples import SampleSet

SCALE_FLOOR = 1e-3
"""A feature that hardly moves in training must not explode where it moves later."""

STANDARDISED_ON = 2_000


def fit_transformer(
    source: Source,
    validation: dict[Profile, SampleSet],
    how: Curriculum,
    seed: int,
) -> EmotionTransformer:
    """Train a transformer; returns the weights that did best on validation in the last phase.

    Args:
        source: of training samples.
        validation: of people who are not in it; a phase of pairs alone is judged on pairs alone.
        how: the curriculum.
        seed: of the weights, the dropout and the samples.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng([seed, 1])
    model = EmotionTransformer()
    _standardise(model, source, rng)
    fitting = _Fitting(model, source, validation, how, rng)
    for phase in how.phases:
        fitting.run(phase)
    return model.eval()


@dataclass(frozen=True, slots=True)
class Standing:
    """How a model does on validation: mean loss of the profiles, and a line that says more."""

    loss: float
    report: str


def judge(model: EmotionTransformer, judged: dict[Profile, SampleSet]) -> Standing:
    """Negative log-likelihood and unweighted average recall on each profile."""
    model.eval()
    losses, parts = [], []
    for profile, samples in judged.items():
        logits = [transformer_logits(model, chunk) for chunk in samples.chunks(256)]
        probs = softmax(np.concatenate(logits))
        losses.append(negative_log_likelihood(probs, samples.labels))
        recall = balanced_accuracy(probs, samples.labels)
        parts.append(f"{profile.value} NLL {losses[-1]:.3f} UAR {recall:.3f}")
    return Standing(float(np.mean(losses)), ", ".join(parts))


class _Fitting:
    def __init__(
        self,
        model: EmotionTransformer,
        source: Source,
        validation: dict[Profile, SampleSet],
        how: Curriculum,
        rng: np.random.Generator,
    ) -> None:
        self._model = model
        self._source = source
        self._validation = validation
        self._how = how
        self._rng = rng
        self._optimiser = torch.optim.AdamW(model.parameters(), weight_decay=how.weight_decay)
        self._steps = 0
        self._epoch = 0

    def run(self, phase: Phase) -> None:
        """Train one phase and leave its best weights in the model."""
        judged = self._validation
        if not phase.single_share:
            judged = {Profile.BOTH: judged[Profile.BOTH]}
        average = AveragedModel(self._model) if phase.averaged else None
        best, best_loss, since = deepcopy(self._model.state_dict()), math.inf, 0
        first = self._epoch + 1
        for place in range(phase.epochs):
            self._epoch = first + place
            loss = self._train(phase, place)
            candidate = self._model
            if average is not None:
                average.update_parameters(self._model)
                candidate = average.module
            standing = judge(candidate, judged)
            print(
                f"epoch {self._epoch} {phase.name}: loss {loss:.3f}, validation {standing.report}",
                flush=True,
            )
            since += 1
            if standing.loss < best_loss:
                best, best_loss, since = deepcopy(candidate.state_dict()), standing.loss, 0
            if since >= phase.patience:
                break
        self._model.load_state_dict(best)
        # Epochs keep their numbers where a phase before them has ended early.
        self._epoch = first + phase.epochs - 1

    def _train(self, phase: Phase, place: int) -> float:
        """Train one epoch; returns its mean loss."""
        cosine = (1 + math.cos(math.pi * place / max(phase.epochs - 1, 1))) / 2
        rate = phase.learning_rate * (phase.final_rate + (1 - phase.final_rate) * cosine)
        total = 0.0
        for _ in range(self._how.batches):
            self._steps += 1
            for group in self._optimiser.param_groups:
                group["lr"] = rate * min(1.0, self._steps / self._how.warm_up)
            total += self._step(self._batch(phase))
        return total / self._how.batches

    def _batch(self, phase: Phase) -> Batch:
        samples = draw_set(
            self._source,
            self._how.batch,
            self._rng,
            single_share=phase.single_share,
        )
        batch = Batch.of(samples)
        drop_modalities(batch, phase.modality_dropout, self._rng)
        mix(batch, phase, self._rng)
        return batch

    def _step(self, batch: Batch) -> float:
        self._model.train()
        self._optimiser.zero_grad()
        outputs = self._model(batch.audio, batch.face, batch.audio_mask, batch.face_mask)
        loss = objective(outputs, batch, self._how)
        loss.backward()
        nn.utils.clip_grad_norm_(self._model.parameters(), self._how.gradient_clip)
        self._optimiser.step()
        return float(loss.item())


def _standardise(model: EmotionTransformer, source: Source, rng: np.random.Generator) -> None:
    samples = draw_set(source, STANDARDISED_ON, rng).sequences
    for stream, values, mask in (
        (model.audio, samples.audio, samples.audio_mask),
        (model.face, samples.face, samples.face_mask),
    ):
        steps = values[mask].astype(np.float64)  # (steps, D)
        stream.projection.mean.copy_(torch.from_numpy(steps.mean(axis=0)))
        stream.projection.scale.copy_(torch.from_numpy(steps.std(axis=0).clip(SCALE_FLOOR)))
