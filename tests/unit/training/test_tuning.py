import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from hoovik.features.batch import TREE_COLUMNS
from hoovik.schema.emotion import EMOTIONS, Profile
from tests.unit.training.synthetic import SyntheticSource
from training.build.boosting import Labelled, TreeParameters
from training.build.curriculum import Curriculum, Phase
from training.build.draws import draw_set
from training.tuning.search import StudyError, Tuned
from training.tuning.transformer import tune_transformer, values_of, with_values
from training.tuning.trees import tune_trees

SOURCE = SyntheticSource.seeded(0)
TINY = Curriculum(
    phases=(
        Phase("A", 2, learning_rate=1e-3, final_rate=1.0),
        Phase("C", 2, learning_rate=1e-4, final_rate=1.0, single_share=0.5, mixup_share=0.2),
    ),
    batches=2,
    batch=16,
    warm_up=2,
)
WEAK = TreeParameters(max_depth=3, learning_rate=0.01, min_child_weight=20.0)


def labelled(n: int, seed: int) -> Labelled:
    """Columns of which six, with noise, say which of the classes it is."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(len(EMOTIONS), size=n)
    columns = rng.standard_normal((n, TREE_COLUMNS)).astype(np.float32)
    columns[np.arange(n), labels] += 2
    return columns, labels


def tune_small_trees(
    trials: int, storage: Path | None = None, base: TreeParameters = WEAK, seed: int = 0
) -> Tuned[TreeParameters]:
    return tune_trees(
        labelled(120, 1), labelled(60, 2), base, trials, seed, storage, rounds=10, patience=5
    )


def tune_tiny_transformer(trials: int, storage: Path | None = None) -> Tuned[Curriculum]:
    validation = {Profile.BOTH: draw_set(SOURCE, 20, np.random.default_rng(1))}
    return tune_transformer(SOURCE, validation, TINY, trials, 0, storage, budget=0.5)


def test_the_base_comes_first_and_something_better_is_found() -> None:
    tuned = tune_small_trees(4)
    first = tuned.trials[0]
    assert first["values"] == pytest.approx(asdict(WEAK))
    assert tuned.loss < 0.99 * first["loss"]
    assert tuned.best != WEAK
    losses = [trial["loss"] for trial in tuned.trials if trial["loss"] is not None]
    assert tuned.loss == min(losses)
    assert json.loads(json.dumps(tuned.trials)) == tuned.trials


def test_a_stopped_search_tries_what_it_would_have_tried(tmp_path: Path) -> None:
    storage = tmp_path / "tuning.sqlite"
    tune_small_trees(2, storage)
    assert len(tune_small_trees(2, storage).trials) == 2
    resumed, uninterrupted = tune_small_trees(4, storage), tune_small_trees(4)
    assert resumed.trials == uninterrupted.trials
    assert resumed.best == uninterrupted.best


def test_a_trial_that_was_cut_off_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = tmp_path / "tuning.sqlite"

    def power_cut(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("training.tuning.trees.boost", power_cut)
    with pytest.raises(KeyboardInterrupt):
        tune_small_trees(1, storage)
    monkeypatch.undo()
    assert tune_small_trees(1, storage).trials == tune_small_trees(1).trials


def test_a_search_with_another_question_is_refused(tmp_path: Path) -> None:
    storage = tmp_path / "tuning.sqlite"
    tune_small_trees(1, storage)
    with pytest.raises(StudyError, match="trees has another base"):
        tune_small_trees(2, storage, base=TreeParameters())
    with pytest.raises(StudyError, match="another seed"):
        tune_small_trees(2, storage, seed=1)


def test_the_best_curriculum_has_the_epochs_of_the_base(tmp_path: Path) -> None:
    storage = tmp_path / "tuning.sqlite"
    tune_tiny_transformer(1, storage)
    tuned = tune_tiny_transformer(3, storage)
    assert [phase.epochs for phase in tuned.best.phases] == [2, 2]
    assert len(tuned.trials) == 3
    assert all(len(trial["course"]) == 2 for trial in tuned.trials), "half the epochs of the base"
    best = min(tuned.trials, key=lambda trial: trial["loss"])
    assert values_of(tuned.best) == pytest.approx(best["values"])
    assert tuned.trials[0]["values"] == pytest.approx(values_of(TINY))
    assert tuned.loss == best["course"][-1]


def test_values_reach_the_phases_that_have_what_they_are_about() -> None:
    values = {**values_of(TINY), "learning_rate": 2e-3, "mixup_share": 0.6, "weight_decay": 0.1}
    first, last = with_values(TINY, values).phases
    assert (first.learning_rate, last.learning_rate) == pytest.approx((2e-3, 2e-4))
    assert (first.mixup_share, last.mixup_share) == (0.0, 0.6)
    assert with_values(TINY, values).weight_decay == 0.1
    assert with_values(TINY, values_of(TINY)) == TINY
    assert "modality_dropout" not in values
    plain = replace(TINY, phases=TINY.phases[:1], label_smoothing=0.0)
    assert set(values_of(plain)) == {"learning_rate", "weight_decay", "auxiliary"}
