"""Trees whose leaves are known, and where a value that is absent goes in them."""

from pathlib import Path

import numpy as np
import pytest
import xgboost
from numpy.typing import NDArray

from hoovik.errors import BundleError
from hoovik.features.batch import TREE_COLUMNS, FeatureBatch
from hoovik.features.transform import FeatureTransform
from hoovik.models.trees import TreeModel
from tests.unit.features.scenes import one

ANGRY, HAPPY = 0, 3
COLUMN = 7


def booster(
    column: NDArray[np.floating], labels: NDArray[np.integer], rounds: int = 1
) -> xgboost.Booster:
    """Trees of one split, of which only one column can be the reason."""
    columns = np.zeros((len(column), TREE_COLUMNS), np.float32)
    columns[:, COLUMN] = column
    parameters = {
        "objective": "multi:softprob",
        "num_class": 6,
        "max_depth": 1,
        "tree_method": "exact",  # splits half-way between two values
        "learning_rate": 1.0,
        "base_score": 0.5,
        "min_child_weight": 0,
        "nthread": 1,
    }
    data = xgboost.DMatrix(columns, labels, missing=np.nan)
    return xgboost.train(parameters, data, num_boost_round=rounds)


def grown(column: NDArray[np.floating], labels: NDArray[np.integer], rounds: int = 1) -> TreeModel:
    return TreeModel(booster(column, labels, rounds).save_raw("ubj"))


def asked(model: TreeModel, value: float) -> NDArray[np.float32]:
    columns = np.zeros((1, TREE_COLUMNS), np.float32)
    columns[0, COLUMN] = value
    return model.logits(columns)[0]


VALUES = np.repeat([-1.0, 1.0, np.nan], 40)


def learned(class_of_absent: int) -> TreeModel:
    """Low is angry, high is happy, absent is as told."""
    return grown(VALUES, np.repeat([ANGRY, HAPPY, class_of_absent], 40))


@pytest.mark.parametrize(("class_of_absent", "like"), [(ANGRY, -1.0), (HAPPY, 1.0)])
def test_an_absent_value_goes_where_absent_ones_went_in_training(
    class_of_absent: int, like: float
) -> None:
    model = learned(class_of_absent)
    absent = asked(model, np.nan)
    assert absent.argmax() == class_of_absent
    assert np.array_equal(absent, asked(model, like))
    assert not np.array_equal(absent, asked(model, -like))


def test_no_imputed_value_could_answer_for_an_absent_one() -> None:
    by_imputation = {value: asked(learned(ANGRY), value).argmax() for value in (-0.5, 0.5)}
    # The mean of the known values, 0, lies on one side for both models; absence does not.
    imputed = [asked(learned(label), 0.0).argmax() for label in (ANGRY, HAPPY)]
    absent = [asked(learned(label), np.nan).argmax() for label in (ANGRY, HAPPY)]
    assert by_imputation == {-0.5: ANGRY, 0.5: HAPPY}
    assert imputed[0] == imputed[1]
    assert absent == [ANGRY, HAPPY]


def test_the_columns_of_an_absent_modality_reach_the_trees_as_absent(
    transform: FeatureTransform,
) -> None:
    face, voice = {9: np.ones(326)}, {9: np.ones(1024)}
    features = FeatureBatch.concatenate(
        [transform.apply(one(face, voice)), transform.apply(one(None, voice))]
    )
    with_face, without = features.tree_columns
    assert not np.isnan(with_face).any()
    assert np.isnan(without[COLUMN])
    for label in (ANGRY, HAPPY):
        model = learned(label)
        # The other 511 columns split nothing, so this is the answer to NaN and to nothing else.
        assert np.array_equal(model.logits(without[None])[0], asked(model, np.nan))
        assert np.array_equal(
            model.logits(with_face[None])[0], asked(model, float(with_face[COLUMN]))
        )


def test_logits_are_sums_of_leaves() -> None:
    model = grown(np.repeat([-1.0, 1.0], 40), np.repeat([ANGRY, HAPPY], 40))
    # Every class begins at p = 1/6: a sample's gradient is p - 1 for its own class and p for any
    # other, its hessian 2 p (1 - p), and a leaf is -sum(gradients) / (sum(hessians) + 1). Trees of
    # the classes that nobody has find nothing to split.
    hessian = 2 * (1 / 6) * (5 / 6)
    unsplit = -80 / 6 / (80 * hessian + 1)
    low = np.full(6, unsplit)
    low[ANGRY] = 40 * (5 / 6) / (40 * hessian + 1)
    low[HAPPY] = -40 * (1 / 6) / (40 * hessian + 1)
    answer = asked(model, -1.0)
    assert answer - answer[1] == pytest.approx(low - unsplit, abs=1e-5)


def test_shapes_and_rounds() -> None:
    model = grown(np.repeat([-1.0, 1.0], 40), np.repeat([ANGRY, HAPPY], 40), rounds=4)
    assert model.rounds == 4
    logits = model.logits(np.zeros((5, TREE_COLUMNS), np.float32))
    assert logits.shape == (5, 6)
    assert logits.dtype == np.float32


def test_trees_come_back_from_their_file(tmp_path: Path) -> None:
    model = learned(HAPPY)
    booster(VALUES, np.repeat([ANGRY, HAPPY, HAPPY], 40)).save_model(tmp_path / "trees.ubj")
    loaded = TreeModel.from_file(tmp_path / "trees.ubj")
    for value in (-1.0, 1.0, np.nan):
        assert np.array_equal(asked(loaded, value), asked(model, value))


def test_what_is_no_booster_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "trees.ubj"
    for content in (b"", b"no trees", b"{}", None):
        if content is None:
            file.unlink()
        else:
            file.write_bytes(content)
        with pytest.raises(BundleError, match=r"trees\.ubj"):
            TreeModel.from_file(file)


def test_trees_over_other_columns_are_refused() -> None:
    data = xgboost.DMatrix(np.zeros((12, 9)), np.arange(12) % 6)
    narrow = xgboost.train({"objective": "multi:softprob", "num_class": 6}, data, 1)
    with pytest.raises(BundleError, match=r"9 columns, not 512"):
        TreeModel(narrow.save_raw("ubj"))


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [({"num_class": 5}, "6 trees in each round"), ({"booster": "dart"}, "is a dart, not a gbtree")],
)
def test_trees_of_another_kind_are_refused(parameters: dict[str, object], complaint: str) -> None:
    data = xgboost.DMatrix(np.zeros((10, TREE_COLUMNS)), np.arange(10) % 5)
    other = xgboost.train({"objective": "multi:softprob", "num_class": 6} | parameters, data, 2)
    with pytest.raises(BundleError, match=complaint):
        TreeModel(other.save_raw("ubj"))


@pytest.fixture(scope="module", params=[1, 3, 7], ids=lambda depth: f"depth {depth}")
def forest(request: pytest.FixtureRequest) -> tuple[xgboost.Booster, NDArray[np.float32]]:
    """Trees up to so deep, and a row of values that their thresholds were made of."""
    generator = np.random.default_rng(request.param)
    columns = generator.standard_normal((300, TREE_COLUMNS), np.float32)
    columns[generator.random(columns.shape) < 0.2] = np.nan
    # Leaves of one sample: trees that are as deep in one place and end early in another.
    parameters = {
        "objective": "multi:softprob",
        "num_class": 6,
        "max_depth": request.param,
        "min_child_weight": 0,
        "nthread": 1,
    }
    data = xgboost.DMatrix(columns, np.arange(300) % 6, missing=np.nan)
    return xgboost.train(parameters, data, num_boost_round=8), columns[7]


@pytest.mark.parametrize("rows", [1, 16, 17, 100])
def test_the_walk_ends_in_the_leaves_that_xgboost_reaches(
    forest: tuple[xgboost.Booster, NDArray[np.float32]], rows: int
) -> None:
    grown, of_thresholds = forest
    generator = np.random.default_rng(rows)
    asked = generator.standard_normal((rows, TREE_COLUMNS), np.float32)
    asked[generator.random(asked.shape) < 0.3] = np.nan
    asked[0, :6] = [np.inf, -np.inf, 0, -0.0, 1e30, -1e30]
    asked[-1] = of_thresholds
    expected = grown.inplace_predict(asked, predict_type="margin", missing=np.nan)
    np.testing.assert_allclose(TreeModel(grown.save_raw("ubj")).logits(asked), expected, atol=2e-6)


def test_no_samples_have_no_logits() -> None:
    assert learned(HAPPY).logits(np.zeros((0, TREE_COLUMNS), np.float32)).shape == (0, 6)
