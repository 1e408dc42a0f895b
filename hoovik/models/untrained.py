"""Random weights of the shipped shapes, for benchmarks and tests; what they answer means nothing."""

import numpy as np
import torch
import xgboost
from sklearn import ensemble as sklearn_ensemble

from hoovik.features.anomaly import COVERAGES, FORESTS, forest_columns
from hoovik.features.batch import ANOMALY_COLUMNS, TREE_COLUMNS
from hoovik.features.engineered import AUDIO_BLOCK, FACE_BLOCK
from hoovik.features.projection import Projection
from hoovik.features.sequence import PROFILES
from hoovik.features.transform import FeatureTransform
from hoovik.models.anomaly import AnomalyGate
from hoovik.models.calibration import EnsembleCalibration
from hoovik.models.compiled import CompiledTransformer
from hoovik.models.ensemble import Ensemble
from hoovik.models.forest import IsolationForest
from hoovik.models.fusion import Fusion
from hoovik.models.linear import COLUMNS, LinearModel
from hoovik.models.transformer import EmotionTransformer
from hoovik.models.trees import TreeModel
from hoovik.schema.emotion import EMOTIONS

TREE_FACE_COMPONENTS = 192
TREE_AUDIO_COMPONENTS = 313
FOREST_COMPONENTS = (64, ANOMALY_COLUMNS, 64, 64)
"""Components of each of `FORESTS`, in their order."""

FOREST_TREES = 100
FOREST_SAMPLES = 256
USUAL_SCORES = 1000


def untrained_transform(seed: int = 0) -> FeatureTransform:
    """Random projections."""
    generator = np.random.default_rng(seed)

    def projection(columns: int, components: int) -> Projection:
        weights = generator.standard_normal((columns, components), np.float32)
        return Projection(np.zeros(columns, np.float32), weights / np.float32(np.sqrt(columns)))

    return FeatureTransform(
        projection(FACE_BLOCK.stop - FACE_BLOCK.start, TREE_FACE_COMPONENTS),
        projection(AUDIO_BLOCK.stop - AUDIO_BLOCK.start, TREE_AUDIO_COMPONENTS),
        tuple(
            projection(forest_columns(name).size, components)
            for name, components in zip(FORESTS, FOREST_COMPONENTS, strict=True)
        ),
    )


def untrained_ensemble(seed: int = 0, *, rounds: int = 220) -> Ensemble:
    """Random transformer, trees grown on random labels, forests grown on noise.

    Args:
        seed: of everything random.
        rounds: boosting rounds, each of six trees; the default is the most that training grows.
    """
    return Ensemble(
        CompiledTransformer(untrained_transformer(seed)),
        TreeModel(untrained_booster(seed, rounds).save_raw("ubj")),
        untrained_linear(seed),
        untrained_gate(seed),
        EnsembleCalibration.identity(),
        Fusion(),
    )


def untrained_linear(seed: int) -> LinearModel:
    """Random weights."""
    weights = np.random.default_rng(seed).standard_normal((3, len(EMOTIONS), COLUMNS), np.float32)
    return LinearModel(
        weights / np.float32(np.sqrt(COLUMNS)), np.zeros(weights.shape[:2], np.float32)
    )


def untrained_transformer(seed: int) -> EmotionTransformer:
    """A transformer with random weights."""
    # The caller's own random state is none of our business.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return EmotionTransformer().eval()


def untrained_booster(seed: int, rounds: int) -> xgboost.Booster:
    """Trees grown on random labels."""
    generator = np.random.default_rng(seed)
    samples = 256
    columns = generator.standard_normal((samples, TREE_COLUMNS), np.float32)
    labels = np.arange(samples) % len(EMOTIONS)
    # Leaves of a single sample, so that the trees reach full depth, as those of real data do.
    parameters = {
        "objective": "multi:softprob",
        "num_class": len(EMOTIONS),
        "max_depth": 5,
        "min_child_weight": 0,
        "learning_rate": 0.0308,
        "tree_method": "hist",
        "max_bin": 8,
        "colsample_bytree": 0.05,
        "nthread": 1,
        "seed": seed,
    }
    data = xgboost.QuantileDMatrix(columns, labels, max_bin=8)
    return xgboost.train(parameters, data, num_boost_round=rounds)


def untrained_gate(seed: int) -> AnomalyGate:
    """Forests grown on noise, which find all noise usual."""
    forests = tuple(_forest(seed, width) for width in FOREST_COMPONENTS)
    usual = np.linspace(-0.6, -0.4, USUAL_SCORES, dtype=np.float32)
    return AnomalyGate(forests, ((usual,) * COVERAGES,) * len(PROFILES))


def _forest(seed: int, width: int) -> IsolationForest:
    noise = np.random.default_rng(seed).standard_normal((4 * FOREST_SAMPLES, width), np.float32)
    grown = sklearn_ensemble.IsolationForest(
        n_estimators=FOREST_TREES, max_samples=FOREST_SAMPLES, random_state=seed
    ).fit(noise)
    return IsolationForest.from_sklearn(grown)
