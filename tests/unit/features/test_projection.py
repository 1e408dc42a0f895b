import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from hoovik.features.projection import Projection


@pytest.fixture(scope="module")
def columns() -> NDArray[np.float32]:
    generator = np.random.default_rng(0)
    mixing = generator.standard_normal((12, 12)) * generator.uniform(0.1, 20, 12)
    shifted = generator.standard_normal((200, 12)) @ mixing + generator.uniform(-50, 50, 12)
    shifted[:, 5] = 3.0  # a column that never changes
    return shifted.astype(np.float32)


@pytest.fixture(scope="module")
def fitted(columns: NDArray[np.float32]) -> tuple[StandardScaler, PCA]:
    scaler = StandardScaler().fit(columns)
    return scaler, PCA(4, random_state=0).fit(scaler.transform(columns))


@pytest.fixture(scope="module")
def projection(fitted: tuple[StandardScaler, PCA]) -> Projection:
    scaler, pca = fitted
    return Projection.of(scaler.mean_, scaler.scale_, pca.components_)


def test_it_is_scikit_learns_scaler_and_principal_components(
    projection: Projection, fitted: tuple[StandardScaler, PCA], columns: NDArray[np.float32]
) -> None:
    scaler, pca = fitted
    components = projection(columns)
    assert projection.width == 4
    assert components.shape == (200, 4)
    assert components.dtype == np.float32
    expected = pca.transform(scaler.transform(columns))
    np.testing.assert_allclose(components, expected, atol=1e-4, rtol=1e-4)


def test_a_projection_computed_by_hand() -> None:
    halved = Projection.of(
        np.array([1.0, 2.0]), np.array([2.0, 4.0]), np.array([[1.0, 0], [1, -1]])
    )
    assert halved(np.array([[5.0, 10.0]], np.float32)).tolist() == [[2.0, 0.0]]


def test_one_unknown_makes_its_row_unknown_and_no_other(
    projection: Projection, columns: NDArray[np.float32]
) -> None:
    holed = columns.copy()
    holed[3, 7] = np.nan
    unknown = np.isnan(projection(holed))
    assert unknown[3].all()
    assert not np.delete(unknown, 3, axis=0).any()


def test_imputing_puts_the_training_mean_where_nothing_is_known(
    projection: Projection, columns: NDArray[np.float32]
) -> None:
    holed, filled = columns.copy(), columns.copy()
    holed[:, 2], filled[:, 2] = np.nan, projection.mean[2]
    assert np.array_equal(projection.imputed(holed), projection(filled))
    assert np.array_equal(projection.imputed(columns), projection(columns))
    nothing = np.full((1, 12), np.nan, np.float32)
    assert projection.imputed(nothing) == pytest.approx(np.zeros((1, 4)))


def test_it_is_read_from_the_arrays_under_its_name(
    projection: Projection, fitted: tuple[StandardScaler, PCA], columns: NDArray[np.float32]
) -> None:
    scaler, pca = fitted
    arrays = {
        "face.mean": scaler.mean_,
        "face.scale": scaler.scale_,
        "face.components": pca.components_,
        "other.mean": np.zeros(3),
    }
    read = Projection.from_arrays(arrays, "face")
    assert np.array_equal(read(columns), projection(columns))
