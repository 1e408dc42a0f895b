"""Isolation Forests as plain arrays: scikit-learn's scores without scikit-learn."""

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from sklearn import ensemble as sklearn_ensemble

from hoovik.models.forest import IsolationForest, expected_path_length

WIDTH = 16


@pytest.fixture(scope="module")
def usual() -> NDArray[np.float32]:
    return np.random.default_rng(0).standard_normal((500, WIDTH), np.float32)


@pytest.fixture(scope="module")
def grown(usual: NDArray[np.float32]) -> sklearn_ensemble.IsolationForest:
    return sklearn_ensemble.IsolationForest(n_estimators=50, random_state=0).fit(usual)


@pytest.fixture(scope="module")
def forest(grown: sklearn_ensemble.IsolationForest) -> IsolationForest:
    return IsolationForest.from_sklearn(grown)


def test_scores_are_scikit_learns(
    forest: IsolationForest,
    grown: sklearn_ensemble.IsolationForest,
    usual: NDArray[np.float32],
) -> None:
    strange = usual[:50] * 4 + 2
    samples = np.concatenate([usual, strange, np.zeros((1, WIDTH), np.float32)])
    scores = forest.scores(samples)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, grown.score_samples(samples), atol=1e-6)
    assert np.ptp(scores) > 0.1


def test_a_sample_on_a_threshold_goes_to_the_same_side(
    forest: IsolationForest, grown: sklearn_ensemble.IsolationForest
) -> None:
    samples = []
    for estimator in grown.estimators_[:20]:
        tree = estimator.tree_
        threshold = np.float32(tree.threshold[0])
        for value in (threshold, np.nextafter(threshold, np.inf), np.nextafter(threshold, -np.inf)):
            sample = np.zeros(WIDTH, np.float32)
            sample[tree.feature[0]] = value
            samples.append(sample)
    batch = np.array(samples, np.float32)
    np.testing.assert_allclose(forest.scores(batch), grown.score_samples(batch), atol=1e-6)


@pytest.mark.parametrize("max_samples", [1.0, 64, 3])
def test_scores_are_scikit_learns_for_other_shapes_of_trees(
    usual: NDArray[np.float32], max_samples: float
) -> None:
    # Equal samples cannot be split, so that some leaves hold many.
    repeated = np.round(usual[:200]).astype(np.float32)
    grown = sklearn_ensemble.IsolationForest(
        n_estimators=20, max_samples=max_samples, random_state=1
    ).fit(repeated)
    forest = IsolationForest.from_sklearn(grown)
    np.testing.assert_allclose(forest.scores(repeated), grown.score_samples(repeated), atol=1e-6)


def test_the_strange_score_lower_than_the_usual(
    forest: IsolationForest, usual: NDArray[np.float32]
) -> None:
    assert forest.scores(usual[:20] * 5).max() < forest.scores(usual).mean()


def test_components_beyond_the_forests_own_do_not_matter(
    forest: IsolationForest, usual: NDArray[np.float32]
) -> None:
    wider = np.concatenate([usual, np.full((len(usual), 9), 1e9, np.float32)], axis=1)
    assert np.array_equal(forest.scores(wider), forest.scores(usual))


def test_a_tree_computed_by_hand() -> None:
    # One split at 0: left a leaf of one sample, right one of three, a tree of four samples.
    forest = IsolationForest(
        feature=np.array([[1, 0, 0]], np.int16),
        threshold=np.array([[0.0, np.inf, np.inf]], np.float32),
        left=np.array([[1, 1, 2]], np.int16),
        right=np.array([[2, 1, 2]], np.int16),
        path_length=np.array([[0.0, 1.0, 1.0 + 1.2074]], np.float32),
        norm=2.0,
        depth=1,
    )
    scores = forest.scores(np.array([[9, -1], [9, 0], [9, 1]], np.float32))
    assert scores == pytest.approx([-(2**-0.5), -(2**-0.5), -(2**-1.1037)])


def test_the_expected_path_length_of_few_samples() -> None:
    # c(n) = 2 H(n - 1) - 2 (n - 1) / n, the harmonic number by its logarithm.
    lengths = expected_path_length(np.array([0, 1, 2, 3, 256]))
    assert lengths[:3].tolist() == [0, 0, 1]
    assert lengths[3] == pytest.approx(2 * (np.log(2) + 0.5772156649) - 4 / 3)
    assert lengths[4] == pytest.approx(10.24, abs=0.01)


def test_it_comes_back_from_its_arrays(
    forest: IsolationForest, usual: NDArray[np.float32], tmp_path
) -> None:
    save_file(forest.to_arrays("both"), tmp_path / "forests.safetensors")
    loaded = IsolationForest.from_arrays(load_file(tmp_path / "forests.safetensors"), "both")
    assert np.array_equal(loaded.scores(usual), forest.scores(usual))
    assert (loaded.depth, loaded.norm) == (forest.depth, forest.norm)
