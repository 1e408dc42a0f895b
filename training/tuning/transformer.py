"""Tuning of the transformer's curriculum."""

import math
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import optuna

from hoovik.schema.emotion import Profile
from training.build.curriculum import Curriculum
from training.build.draws import Source
from training.build.samples import SampleSet
from training.build.standing import Epoch
from training.build.transformer import fit_transformer
from training.tuning.search import Search, Tuned, Values, digest, table

BUDGET = 0.3
"""Share of the epochs that a trial has: enough to tell good values from bad ones."""

WIDTHS = {"learning_rate": 5.0, "weight_decay": 100.0}
"""Searched between the base's value divided by this and multiplied by it. Decay is wider: AdamW
multiplies it with the learning rate, so that little of it is nothing at all."""

UPPER = {
    "label_smoothing": 0.2,
    "auxiliary": 1.0,
    "mixup_share": 0.8,
    "mixup_alpha": 0.8,
    "modality_dropout": 0.3,
}
"""Searched from zero up to here, or to the base's value where that is higher."""

PHASE_VALUES = ("mixup_share", "mixup_alpha", "modality_dropout")


def tune_transformer(
    source: Source,
    validation: dict[Profile, SampleSet],
    base: Curriculum,
    trials: int,
    seed: int,
    storage: Path | None = None,
    *,
    budget: float = BUDGET,
) -> Tuned[Curriculum]:
    """Search learning rate, weight decay, smoothing, mixup, modality dropout, auxiliary weight.

    A trial trains on a share of each phase's epochs and counts by its lowest mean negative
    log-likelihood on validation in the last phase. The base comes first; a trial that stands
    worse than the median at the same epoch is pruned.

    Args:
        source: of training samples.
        validation: of people who are not in it.
        base: curriculum around which is searched; it gives the best one its epochs.
        trials: in all, those in the storage among them.
        seed: of the search and of each training.
        storage: SQLite file from which a stopped search goes on; None: memory.
        budget: share of the epochs that a trial has.

    Raises:
        StudyError: the storage holds a search around another base, or with another seed, budget or
            validation.
    """
    short = _shortened(base, budget)
    values = values_of(base)

    def loss(trial: optuna.Trial) -> float:
        tried = with_values(short, _suggested(trial, values))
        curves = fit_transformer(
            source, validation, tried, seed, after_epoch=_pruning(trial)
        ).curves
        last = tried.phases[-1].name
        return min(_loss(epoch) for epoch in curves if epoch["phase"] == last)

    search = Search(
        name="transformer",
        question={
            "curriculum": asdict(base),
            "budget": budget,
            "validation": {
                profile.value: digest(
                    samples.sequences.audio, samples.sequences.face, samples.labels
                )
                for profile, samples in validation.items()
            },
        },
        base=values,
        loss=loss,
        warm_up=sum(phase.epochs for phase in short.phases) // 3,
    )
    study = search.run(trials, seed, storage)
    return Tuned(with_values(base, study.best_params), study.best_value, table(study))


def values_of(curriculum: Curriculum) -> Values:
    """What is searched, as a curriculum has it.

    The learning rate is the first phase's; of what a phase may have, the highest of all phases
    counts. What a curriculum does without stays out of the search, as modality dropout where there
    are no pairs.
    """
    values = {
        "learning_rate": curriculum.phases[0].learning_rate,
        "weight_decay": curriculum.weight_decay,
        "label_smoothing": curriculum.label_smoothing,
        "auxiliary": curriculum.auxiliary,
        **{name: max(getattr(phase, name) for phase in curriculum.phases) for name in PHASE_VALUES},
    }
    if not values["mixup_share"]:
        values["mixup_alpha"] = 0.0
    return {name: value for name, value in values.items() if value > 0}


def with_values(curriculum: Curriculum, values: Values) -> Curriculum:
    """A curriculum with values from a search, in the phases that have what they are about."""
    ratio = values["learning_rate"] / curriculum.phases[0].learning_rate
    phases = tuple(
        replace(
            phase,
            learning_rate=phase.learning_rate * ratio,
            **{
                name: values[name]
                for name in PHASE_VALUES
                if name in values and getattr(phase, name)
            },
        )
        for phase in curriculum.phases
    )
    own = {name: value for name, value in values.items() if hasattr(curriculum, name)}
    return replace(curriculum, phases=phases, **own)


def _suggested(trial: optuna.Trial, base: Values) -> Values:
    return {
        name: trial.suggest_float(name, 0.0, max(UPPER[name], value))
        if name in UPPER
        else trial.suggest_float(name, value / WIDTHS[name], value * WIDTHS[name], log=True)
        for name, value in base.items()
    }


def _shortened(curriculum: Curriculum, budget: float) -> Curriculum:
    phases = tuple(
        replace(phase, epochs=math.ceil(phase.epochs * budget)) for phase in curriculum.phases
    )
    return replace(curriculum, phases=phases)


def _loss(epoch: Epoch) -> float:
    return float(np.mean(list(epoch["nll"].values())))


def _pruning(trial: optuna.Trial) -> Callable[[Epoch], None]:
    def after_epoch(epoch: Epoch) -> None:
        trial.report(_loss(epoch), epoch["epoch"])
        if trial.should_prune():
            raise optuna.TrialPruned

    return after_epoch
