import pytest

from hoovik.features.batch import FeatureBatch
from hoovik.features.transform import FeatureTransform
from hoovik.models.ensemble import Ensemble
from hoovik.models.untrained import untrained_ensemble, untrained_transform
from tests.unit.features.scenes import mixed
from tests.unit.models.folder import ROUNDS, SEED


@pytest.fixture(scope="package")
def transform() -> FeatureTransform:
    return untrained_transform(seed=1)


@pytest.fixture(scope="package")
def ensemble() -> Ensemble:
    return untrained_ensemble(SEED, rounds=ROUNDS)


@pytest.fixture(scope="package")
def features(transform: FeatureTransform) -> FeatureBatch:
    """Thirty sequences: every profile, and every forest has its share."""
    return transform.apply(mixed(30))
