"""The gain of the trees is shared out over the columns that their components are made of."""

import numpy as np
import pytest
import xgboost

from hoovik.features.batch import TREE_COLUMNS
from hoovik.features.engineered import AUDIO_BLOCK, FACE_BLOCK, column_groups
from hoovik.layout import POSE
from hoovik.settings import MODEL_ARTIFACTS
from training.card.gains import bundle_gains, column_gains, component_gains, group_gains


def projections(face: dict[int, float], voice: dict[int, float]) -> dict[str, np.ndarray]:
    """One face and one audio component, each over a few columns of its block."""
    arrays = {
        "tree_face.components": np.zeros((1, FACE_BLOCK.stop), np.float32),
        "tree_audio.components": np.zeros((1, AUDIO_BLOCK.stop - AUDIO_BLOCK.start), np.float32),
    }
    for name, loadings in (("tree_face", face), ("tree_audio", voice)):
        for column, loading in loadings.items():
            arrays[f"{name}.components"][0, column] = loading
    return arrays


def test_a_component_is_shared_out_by_squared_loading_however_long_it_is() -> None:
    groups = column_groups()
    mean, std = groups["face_mean"].start, groups["face_std"].start + POSE.start
    gains = np.array([8.0, 4.0, 0, 0, 0, 0, 4.0, 0, 0])
    arrays = projections({mean: 60, std: -120}, {0: 3, groups["audio_std"].start - 1995: 3})
    shared = group_gains(column_gains(gains, arrays))
    assert shared["face_mean"] == pytest.approx({"landmarks": 0.1, "blendshapes": 0, "pose": 0})
    assert shared["face_std"] == pytest.approx({"landmarks": 0, "blendshapes": 0, "pose": 0.4})
    assert shared["audio_mean"] == pytest.approx({"voice": 0.125})
    assert shared["audio_std"] == pytest.approx({"voice": 0.125})
    assert shared["profile"] == pytest.approx({"presence": 0.25})
    assert sum(sum(parts.values()) for parts in shared.values()) == pytest.approx(1)


def test_the_gain_of_trees_is_that_of_the_column_they_split(tmp_path) -> None:
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(300, TREE_COLUMNS)).astype(np.float32)
    labels = (columns[:, 17] > 0).astype(int)
    parameters = {"objective": "multi:softprob", "num_class": 6, "max_depth": 1, "nthread": 1}
    booster = xgboost.train(parameters, xgboost.DMatrix(columns, labels), 2)
    booster.save_model(tmp_path / "trees.ubj")
    gains = component_gains(tmp_path / "trees.ubj")
    assert gains.argmax() == 17
    assert gains[17] > 0.9 * gains.sum()


def test_the_shipped_trees_look_at_the_voice_most() -> None:
    bundle = MODEL_ARTIFACTS / "embedded"
    shared = bundle_gains(bundle / "trees.ubj", bundle / "projections.safetensors")
    assert list(shared) == list(column_groups())
    assert sum(sum(parts.values()) for parts in shared.values()) == pytest.approx(1)
    assert sum(parts.get("voice", 0) for parts in shared.values()) > 0.5


def test_components_that_are_not_those_of_the_trees_are_refused() -> None:
    arrays = projections({0: 1}, {0: 1})
    with pytest.raises(ValueError, match="1 face and 1 audio components and 7 indicators for 512"):
        column_gains(np.ones(TREE_COLUMNS), arrays)
    with pytest.raises(ValueError, match="no column has any gain"):
        column_gains(np.zeros(9), arrays)
