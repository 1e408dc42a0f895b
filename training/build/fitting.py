"""The epochs of a curriculum, one after another, and the state between two of them."""

import math
from collections.abc import Iterator
from copy import deepcopy
from typing import cast

import numpy as np
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from hoovik.models.transformer import EmotionTransformer
from hoovik.schema.emotion import Profile
from training.build.curriculum import Curriculum, Phase
from training.build.draws import Source, draw_set
from training.build.mixing import Batch, drop_modalities, mix
from training.build.objective import objective
from training.build.samples import SampleSet
from training.build.standing import Epoch, judge
from training.checkpoint import State


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
