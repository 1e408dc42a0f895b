from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from hoovik.features.projection import Projection
from hoovik.layout import AUDIO_DIM, FACE_DIM
from hoovik.schema.emotion import Profile
from training.build.projections import fit_forest_projection, fit_projection, forest_rows
from training.build.samples import SampleSet

from .synthetic import SyntheticSource


def columns(n: int, seed: int = 0) -> np.ndarray:
    """Rows (n, 40) with five strong directions and one column that never moves."""
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(9).standard_normal((5, 40))
    rows = rng.standard_normal((n, 5)) @ mixing + 0.1 * rng.standard_normal((n, 40))
    rows[:, 7] = 3.0
    return rows.astype(np.float32)


def test_a_stored_projection_is_the_fitted_one(tmp_path: Path) -> None:
    fitted = fit_projection("face", columns(200), 5, seed=0)
    save_file(fitted, tmp_path / "projections.safetensors")
    stored = load_file(tmp_path / "projections.safetensors")
    for name, array in fitted.items():
        assert np.array_equal(stored[name], array), name
    unit = stored["face.components"] / np.linalg.norm(
        stored["face.components"].astype(float), axis=1, keepdims=True
    )
    assert unit @ unit.T == pytest.approx(np.eye(5), abs=0.03)


def test_rounding_leaves_the_components_of_exact_arithmetic() -> None:
    from sklearn.decomposition import PCA

    training, others = columns(200), columns(50, seed=1)
    rough = Projection.from_arrays(fit_projection("face", training, 5, seed=0), "face")(others)
    deviation = np.where(training.std(axis=0) > 1e-4, training.std(axis=0), 1)
    exact = PCA(5, svd_solver="full").fit((training - training.mean(axis=0)) / deviation)
    expected = exact.transform((others - training.mean(axis=0)) / deviation)
    for one, other in zip(rough.T, expected.T, strict=True):
        assert abs(np.corrcoef(one, other)[0, 1]) > 0.999


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="4 samples for 5 components of face"):
        fit_projection("face", columns(4), 5, seed=0)


def test_to_a_forest_a_face_weighs_as_much_as_a_voice() -> None:
    source, rng = SyntheticSource.seeded(0), np.random.default_rng(1)
    samples = SampleSet.of([source.draw(Profile.BOTH, rng) for _ in range(260)])
    fitted = fit_forest_projection(samples, "both", 260, seed=0)
    standard = forest_rows(samples, "both").std(axis=0) / fitted["forest_both.scale"]
    n_face, n_voice = 7 * FACE_DIM, 7 * AUDIO_DIM
    face, voice = standard[:n_face], standard[n_face : n_face + n_voice]
    assert np.sum(face**2) == pytest.approx(1, abs=0.01)
    assert np.sum(voice**2) == pytest.approx(1, abs=0.01)
