"""One Optuna study: seeded, pruned, and gone on with where it was stopped."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.trial import TrialState

_T = TypeVar("_T")

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
UNPRUNED_TRIALS = 4
"""A median of fewer than this many curves says little."""

Values = dict[str, Any]


class StudyError(ValueError):
    """A stored study that asks another question."""


@dataclass(frozen=True, slots=True)
class Tuned(Generic[_T]):
    """What a search found.

    Attributes:
        best: the parameters with the lowest validation loss.
        loss: that loss.
        trials: of each trial its number, state, loss (None where it was pruned before its end),
            the values it tried, and the validation loss along its way; ready for JSON.
    """

    best: _T
    loss: float
    trials: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Search:
    """A question to Optuna.

    Attributes:
        name: of the study; one storage may hold several.
        question: all that its losses depend on besides the values tried, ready for JSON.
        base: values of the first trial.
        loss: the validation loss of a trial; may report and prune on its way.
        warm_up: steps that no trial is pruned before.
    """

    name: str
    question: dict[str, Any]
    base: Values
    loss: Callable[[optuna.Trial], float]
    warm_up: int

    def run(self, trials: int, seed: int, storage: Path | None) -> optuna.Study:
        """Bring the study to a number of trials, those it already has among them.

        A sampler is seeded for each trial by the number of those before it, so that a study which
        was stopped tries what it would have tried otherwise.

        Args:
            trials: finished or pruned, in all.
            seed: of the samplers.
            storage: SQLite file; None: memory.

        Raises:
            StudyError: the storage holds a study of this name with another question.
        """
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        if storage is not None:
            storage.parent.mkdir(parents=True, exist_ok=True)
        study = optuna.create_study(
            study_name=self.name,
            storage=None if storage is None else f"sqlite:///{storage}",
            pruner=optuna.pruners.MedianPruner(UNPRUNED_TRIALS, self.warm_up),
            load_if_exists=True,
        )
        self._check(study, seed)
        for left in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            # Nobody is at work on what a stopped process has left.
            study.tell(left.number, state=TrialState.FAIL)
        while (done := len(study.get_trials(deepcopy=False, states=FINISHED))) < trials:
            waiting = study.get_trials(deepcopy=False, states=(TrialState.WAITING,))
            if not done and not waiting:
                study.enqueue_trial(self.base)
            own_seed = int(np.random.SeedSequence([seed, done]).generate_state(1)[0])
            study.sampler = optuna.samplers.TPESampler(seed=own_seed)
            study.optimize(self.loss, n_trials=1)
        return study

    def _check(self, study: optuna.Study, seed: int) -> None:
        question = json.loads(json.dumps({**self.question, "base": self.base, "seed": seed}))
        stored = study.user_attrs.get("question", question)
        if stored != question:
            differing = sorted(key for key in question if stored.get(key) != question[key])
            raise StudyError(
                f"the stored study {self.name} has another {', '.join(differing)}; go on with what "
                "it had, or name another file"
            )
        study.set_user_attr("question", question)


def digest(*arrays: NDArray[Any]) -> str:
    """Digest of samples, by which a question knows them again."""
    sha = hashlib.sha256()
    for array in arrays:
        sha.update(np.ascontiguousarray(array).data)
    return sha.hexdigest()[:16]


def table(study: optuna.Study) -> list[dict[str, Any]]:
    """The trials that came to an end, as `Tuned.trials` describes them."""
    return [
        {
            "number": number,
            "state": trial.state.name.lower(),
            "loss": trial.value if trial.state is TrialState.COMPLETE else None,
            "values": trial.params,
            "course": [
                trial.intermediate_values[step] for step in sorted(trial.intermediate_values)
            ],
        }
        for number, trial in enumerate(study.get_trials(deepcopy=False, states=FINISHED))
    ]
