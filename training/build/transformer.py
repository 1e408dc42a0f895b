"""Fitting of the EmotionTransformer along its curriculum."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from hoovik.models.transformer import EmotionTransformer
from hoovik.schema.emotion import Profile
from training.build.curriculum import Curriculum
from training.build.draws import Source, draw_set
from training.build.fitting import Fitting
from training.build.samples import SampleSet
from training.build.standing import Epoch
from training.checkpoint import load_checkpoint, save_checkpoint

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
