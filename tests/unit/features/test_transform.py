"""Columns of sequences as the models take them: an absent modality stays absent."""

from dataclasses import replace

import numpy as np
import pytest

from hoovik.errors import BundleError
from hoovik.features.anomaly import FORESTS, anomaly_columns, choose_forests, forest_columns
from hoovik.features.batch import FeatureBatch
from hoovik.features.engineered import AUDIO_BLOCK, FACE_BLOCK, INDICATORS, engineered_columns
from hoovik.features.projection import Projection
from hoovik.features.sequence import PROFILES
from hoovik.features.transform import FeatureTransform
from hoovik.models.untrained import untrained_transform
from tests.unit.features.scenes import mixed

FACE, AUDIO, REST = slice(0, 192), slice(192, 505), slice(505, 512)


@pytest.fixture(scope="module")
def transform() -> FeatureTransform:
    return untrained_transform(seed=1)


def test_an_absent_modality_stays_absent_through_the_projection(
    transform: FeatureTransform,
) -> None:
    batch = mixed(9)
    unknown = np.isnan(transform.tree_columns(batch))
    assert unknown.shape == (9, 512)
    for row, index in zip(unknown, batch.profiles, strict=True):
        profile = PROFILES[index]
        assert row[FACE].all() == row[FACE].any() == (not profile.has_face)
        assert row[AUDIO].all() == row[AUDIO].any() == (not profile.has_audio)
        assert not row[REST].any()


def test_each_block_has_its_own_projection(transform: FeatureTransform) -> None:
    batch = mixed(9)[::3]  # both modalities
    columns, engineered = transform.tree_columns(batch), engineered_columns(batch)
    np.testing.assert_allclose(
        columns[:, FACE], transform.tree_face(engineered[:, FACE_BLOCK]), rtol=1e-5
    )
    np.testing.assert_allclose(
        columns[:, AUDIO], transform.tree_audio(engineered[:, AUDIO_BLOCK]), rtol=1e-5
    )
    assert np.array_equal(columns[:, REST], engineered[:, INDICATORS])


def test_each_sequence_is_projected_for_its_own_forest(transform: FeatureTransform) -> None:
    batch = mixed(30)
    components = transform.anomaly_columns(batch)
    assert components.shape == (30, 96)
    assert components.dtype == np.float32
    assert np.isfinite(components).all()
    chosen = choose_forests(batch)
    assert set(chosen.tolist()) == {0, 1, 2, 3}
    for row, index in enumerate(chosen):
        projection = transform.forests[index]
        own = anomaly_columns(batch[row : row + 1])[:, forest_columns(FORESTS[index])]
        np.testing.assert_allclose(
            components[row, : projection.width], projection.imputed(own)[0], rtol=1e-4, atol=1e-4
        )
        assert not components[row, projection.width :].any()


def test_a_batch_is_its_sequences_one_by_one(transform: FeatureTransform) -> None:
    batch = mixed(12)
    together = transform.apply(batch)
    singly = FeatureBatch.concatenate(
        [transform.apply(batch[row : row + 1]) for row in range(len(batch))]
    )
    for field in ("tree_columns", "anomaly_columns"):
        np.testing.assert_allclose(
            getattr(singly, field), getattr(together, field), rtol=1e-4, atol=1e-4
        )


def test_no_sequences_have_no_columns(transform: FeatureTransform) -> None:
    empty = transform.apply(mixed(3)[:0])
    assert len(empty) == 0
    assert empty.tree_columns.shape == (0, 512)
    assert empty.anomaly_columns.shape == (0, 96)


def test_a_slice_of_features_keeps_its_rows_together(transform: FeatureTransform) -> None:
    features = transform.apply(mixed(6))
    part = features[2:4]
    assert len(part) == 2
    assert np.array_equal(part.sequences.audio, features.sequences.audio[2:4])
    assert np.array_equal(part.anomaly_columns, features.anomaly_columns[2:4])


def test_projections_of_the_wrong_width_are_refused(transform: FeatureTransform) -> None:
    narrow = Projection(transform.tree_face.mean, transform.tree_face.weights[:, :191])
    with pytest.raises(BundleError, match=r"511.*512"):
        replace(transform, tree_face=narrow)
    wide = Projection(np.zeros(9452, np.float32), np.zeros((9452, 97), np.float32))
    with pytest.raises(BundleError, match=r"both.*97.*96"):
        replace(transform, forests=(wide, *transform.forests[1:]))
