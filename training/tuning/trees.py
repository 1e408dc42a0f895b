"""Tuning of the gradient-boosted trees."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import optuna
import xgboost

from training.build.boosting import LOSS, Labelled, Quantised, TreeParameters, boost
from training.tuning.search import Search, Tuned, Values, digest, table

ROUNDS = 200
PATIENCE = 20
REPORT_EVERY = 10


def tune_trees(
    training: Labelled,
    validation: Labelled,
    base: TreeParameters,
    trials: int,
    seed: int,
    storage: Path | None = None,
    *,
    rounds: int = ROUNDS,
    patience: int = PATIENCE,
    threads: int = 1,
) -> Tuned[TreeParameters]:
    """Search depth, learning rate, shares of samples and columns, leaf weight and penalty.

    A trial counts by its lowest log loss on validation. The base comes first; a trial that stands
    worse than the median at the same round is pruned.

    Args:
        training: columns (N, 512) and labels (N,).
        validation: the same, of people who are not in training.
        base: parameters of the first trial.
        trials: in all, those in the storage among them.
        seed: of the search and of each boosting.
        storage: SQLite file from which a stopped search goes on; None: memory.
        rounds: of a trial, at most; a low learning rate needs more of them to show what it is good
            for.
        patience: rounds without a lower loss after which a trial ends.
        threads: of XGBoost.

    Raises:
        StudyError: the storage holds a search from another base, or with another seed, other rounds
            or other samples.
    """
    data = Quantised.of(training, validation, threads)

    def loss(trial: optuna.Trial) -> float:
        booster = boost(
            data,
            replace(base, **_suggested(trial)),
            rounds=rounds,
            patience=patience,
            seed=seed,
            threads=threads,
            callbacks=[_Pruning(trial)],
            report_every=False,
        )
        return float(booster.best_score)

    search = Search(
        name="trees",
        question={
            "rounds": rounds,
            "patience": patience,
            "training": digest(*training),
            "validation": digest(*validation),
        },
        base=asdict(base),
        loss=loss,
        warm_up=rounds // 3,
    )
    study = search.run(trials, seed, storage)
    return Tuned(replace(base, **study.best_params), study.best_value, table(study))


def _suggested(trial: optuna.Trial) -> Values:
    return {
        "max_depth": trial.suggest_int("max_depth", 3, 8),
        "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.3, log=True),
        "subsample": trial.suggest_float("subsample", 0.5, 1.0),
        "colsample_bytree": trial.suggest_float("colsample_bytree", 0.1, 1.0),
        "min_child_weight": trial.suggest_float("min_child_weight", 0.5, 20.0, log=True),
        "reg_lambda": trial.suggest_float("reg_lambda", 0.1, 30.0, log=True),
    }


class _Pruning(xgboost.callback.TrainingCallback):
    def __init__(self, trial: optuna.Trial) -> None:
        super().__init__()
        self._trial = trial

    def after_iteration(self, model: Any, epoch: int, evals_log: dict[str, Any]) -> bool:  # noqa: ARG002 - XGBoost's names
        if (epoch + 1) % REPORT_EVERY == 0:
            self._trial.report(evals_log[LOSS[0]][LOSS[1]][-1], epoch + 1)
            if self._trial.should_prune():
                raise optuna.TrialPruned
        return False
