"""Fitting of the EmotionTransformer along its curriculum."""

import math
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel

from hoovik.models.transformer import EmotionTransformer, Outputs
from hoovik.schema.emotion import Profile
from training.build.curriculum import Curriculum, Phase
from training.build.metrics import Epoch, judge
from training.build.mixing import Batch, drop_modalities, mix
from training.build.samples import SampleSet, Source, draw_set
from training.checkpoint import State, load_checkpoint, save_checkpoint


def objective(outputs: Outputs, batch: Batch, how: Curriculum) -> Tensor:
    """Smoothed cross-entropy of the fused head, and of the heads whose modality is present."""
    loss = functional.cross_entropy(
        outputs.logits, batch.targets, label_smoothing=how.label_smoothing
    )
    for logits, mask in (
        (outputs.audio_logits, batch.audio_mask),
        (outputs.face_logits, batch.face_mask),
    ):
        present = mask.any(dim=1)
        if present.any():
            loss = loss + how.auxiliary * functional.cross_entropy(
                logits[present], batch.targets[present], label_smoothing=how.label_smoothing
            )
    return loss


class Fitting:
    """One run along a curriculum; see `training.build.transformer.fit_transformer`.

    Args:
        model: with its initial weights; ends up with the best ones of the last phase.
        source: of training samples.
        validation: what the epochs are judged on.
        how: the curriculum.
        rng: decides on the samples; torch's own generator decides on dropout.
    """

    def __init__(
        self,
        model: EmotionTransformer,
        source: Source,
        validation: dict[Profile, SampleSet],
        how: Curriculum,
        rng: np.random.Generator,
    ) -> None:
        self.curves: list[Epoch] = []
        self._model = model
        self._source = source
        self._validation = validation
        self._how = how
        self._rng = rng
        self._optimiser = torch.optim.AdamW(model.parameters(), weight_decay=how.weight_decay)
        self._steps = 0
        self._begin(0)

    def epochs(self) -> Iterator[Epoch]:
        """Train to the end of the curriculum; between two epochs the state may be taken."""
        while self._phase < len(self._how.phases):
            phase = self._how.phases[self._phase]
            while self._place < phase.epochs and self._since < phase.patience:
                yield self._run(phase)
            self._model.load_state_dict(self._best)
            self._begin(self._phase + 1)

    def state(self) -> State:
        """All that the rest of the run depends on, as tensors and plain containers."""
        return {
            "model": self._model.state_dict(),
            "average": self._average.state_dict() if self._average is not None else None,
            "optimiser": self._optimiser.state_dict(),
            "best": self._best,
            "best_loss": self._best_loss,
            "phase": self._phase,
            "place": self._place,
            "since": self._since,
            "steps": self._steps,
            "curves": self.curves,
            "samples": self._rng.bit_generator.state,
            "dropout": torch.get_rng_state(),
        }

    def restore(self, state: State) -> None:
        """Go on from what `state` returned."""
        self._begin(state["phase"])
        self._model.load_state_dict(state["model"])
        if self._average is not None:
            self._average.load_state_dict(state["average"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._best, self._best_loss = state["best"], state["best_loss"]
        self._place, self._since, self._steps = state["place"], state["since"], state["steps"]
        self.curves = state["curves"]
        self._rng.bit_generator.state = state["samples"]
        torch.set_rng_state(state["dropout"])

    def _begin(self, phase: int) -> None:
        self._phase = phase
        self._place = self._since = 0
        self._best, self._best_loss = deepcopy(self._model.state_dict()), math.inf
        averaged = phase < len(self._how.phases) and self._how.phases[phase].averaged
        self._average: AveragedModel | None = AveragedModel(self._model) if averaged else None

    def _run(self, phase: Phase) -> Epoch:
        """Train one epoch and judge it."""
        loss = self._train(phase)
        candidate = self._model
        if self._average is not None:
            self._average.update_parameters(self._model)
            candidate = cast(EmotionTransformer, self._average.module)
        standing = judge(candidate, self._judged(phase))
        self._place += 1
        self._since += 1
        if standing.loss < self._best_loss:
            self._best, self._best_loss = deepcopy(candidate.state_dict()), standing.loss
            self._since = 0
        # Epochs keep their numbers where a phase before them has ended early.
        number = sum(one.epochs for one in self._how.phases[: self._phase]) + self._place
        print(
            f"epoch {number} {phase.name}: loss {loss:.3f}, validation {standing.report}",
            flush=True,
        )
        epoch = Epoch(epoch=number, phase=phase.name, loss=loss, nll=standing.nll, uar=standing.uar)
        self.curves.append(epoch)
        return epoch

    def _judged(self, phase: Phase) -> dict[Profile, SampleSet]:
        pairs = self._validation.get(Profile.BOTH)
        return self._validation if phase.single_share or pairs is None else {Profile.BOTH: pairs}

    def _train(self, phase: Phase) -> float:
        """Train one epoch; returns its mean loss."""
        cosine = (1 + math.cos(math.pi * self._place / max(phase.epochs - 1, 1))) / 2
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


FACE_SCALE_FLOOR = 1e-3
"""A blendshape that hardly moves in training must not explode where it moves later."""

STANDARDISED_ON = 2_000


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted transformer and how it got there.

    Attributes:
        model: the weights that did best on validation in the last phase, ready for inference.
        curves: one point for each epoch that was run.
    """

    model: EmotionTransformer
    curves: list[Epoch]


def fit_transformer(
    source: Source,
    validation: dict[Profile, SampleSet],
    how: Curriculum,
    seed: int,
    *,
    checkpoint: Path | None = None,
    after_epoch: Callable[[Epoch], None] | None = None,
) -> Fitted:
    """Train a transformer, or go on where an earlier call was stopped.

    Args:
        source: of training samples.
        validation: of people who are not in it, for any of the profiles; a phase of pairs alone is
            judged on pairs alone, where there are pairs.
        how: the curriculum.
        seed: of the weights, the dropout and the samples.
        checkpoint: file that holds the state after each epoch and is removed at the end; a run that
            finds it ends with exactly the weights of one that was never stopped.
        after_epoch: told of each epoch once its checkpoint is written; what it raises stops the
            run.

    Raises:
        CheckpointError: the checkpoint is of another seed, curriculum or training set.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng([seed, 1])
    model = EmotionTransformer()
    _standardise(model, source, how, rng)
    fitting = Fitting(model, source, validation, how, rng)
    # The standardisation is computed from the training samples, and so tells them from others.
    run = {
        "seed": seed,
        "curriculum": asdict(how),
        "voices": model.audio.projection.mean.clone(),
        "faces": model.face.projection.mean.clone(),
    }
    if checkpoint is not None and checkpoint.is_file():
        fitting.restore(load_checkpoint(checkpoint, run))
    for epoch in fitting.epochs():
        if checkpoint is not None:
            save_checkpoint(checkpoint, run, fitting.state())
        if after_epoch is not None:
            after_epoch(epoch)
    if checkpoint is not None:
        checkpoint.unlink(missing_ok=True)
    return Fitted(model.eval(), fitting.curves)


def _standardise(
    model: EmotionTransformer, source: Source, how: Curriculum, rng: np.random.Generator
) -> None:
    samples = draw_set(source, STANDARDISED_ON, rng).sequences
    for stream, values, mask, floor in (
        (model.audio, samples.audio, samples.audio_mask, how.audio_scale_floor),
        (model.face, samples.face, samples.face_mask, FACE_SCALE_FLOOR),
    ):
        if not mask.any():
            continue
        steps = values[mask].astype(np.float64)  # (steps, D)
        stream.projection.mean.copy_(torch.from_numpy(steps.mean(axis=0)))
        stream.projection.scale.copy_(torch.from_numpy(steps.std(axis=0).clip(floor)))
