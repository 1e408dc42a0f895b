import pickle
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from hoovik.errors import BundleError
from hoovik.features.baseline import Baseline, Voices
from hoovik.layout import AUDIO_DIM

EVERYBODY = np.linspace(-1, 1, AUDIO_DIM, dtype=np.float32)
VOICES = Voices(EVERYBODY, weight=10, memory=50)


def said(n: int, apart: float, seed: int = 0) -> np.ndarray:
    """Vectors (n, 1024) of somebody who differs from everybody by `apart`."""
    noise = np.random.default_rng(seed).standard_normal((n, AUDIO_DIM))
    return (EVERYBODY + apart + noise).astype(np.float32)


@pytest.mark.parametrize("n", [1, 2, 30])
def test_the_shrunk_mean_of_what_was_heard_is_taken_away(n: int) -> None:
    baseline, vectors = Baseline(VOICES), said(n, 0.5)
    for vector in vectors:
        left = baseline.remove(vector)
    shrunk = (10 * EVERYBODY + vectors.sum(axis=0)) / (10 + n)
    np.testing.assert_allclose(left, vectors[-1] - (shrunk - EVERYBODY), atol=1e-5)
    assert left.dtype == np.float32


def test_what_sets_a_person_apart_goes_in_time() -> None:
    baseline = Baseline(VOICES)
    left = [float((baseline.remove(one) - EVERYBODY).mean()) for one in said(200, 3.0)]
    assert left[0] == pytest.approx(3.0 * 10 / 11, abs=0.1)
    assert left[-1] == pytest.approx(3.0 * 10 / 60, abs=0.1)


def test_what_was_long_ago_fades() -> None:
    one, other = Baseline(VOICES), Baseline(VOICES)
    for vector in said(50, 5.0):
        one.remove(vector)
    for vector in said(400, 0.0, seed=1):
        from_one, from_other = one.remove(vector), other.remove(vector)
    np.testing.assert_allclose(from_one, from_other, atol=0.01)


def test_a_vector_that_is_nobodys_voice_teaches_nothing() -> None:
    baseline = Baseline(VOICES)
    vector, noise = said(1, 0.0)[0], said(1, 50.0)[0]
    np.testing.assert_array_equal(baseline.remove(noise, learn=False), noise)
    np.testing.assert_array_equal(baseline.remove(vector), Baseline(VOICES).remove(vector))


def test_who_is_forgotten_begins_anew() -> None:
    baseline, vector = Baseline(VOICES), said(1, 0.0)[0]
    for one in said(20, 4.0):
        baseline.remove(one)
    baseline.clear()
    np.testing.assert_array_equal(baseline.remove(vector), Baseline(VOICES).remove(vector))


def test_it_goes_on_elsewhere_from_what_was_heard() -> None:
    baseline, vector = Baseline(VOICES), said(1, 0.0)[0]
    for one in said(20, 4.0):
        baseline.remove(one)
    moved = pickle.loads(pickle.dumps(baseline))
    np.testing.assert_array_equal(moved.remove(vector), baseline.remove(vector))


def test_one_may_set_out_from_what_was_heard_before() -> None:
    earlier, vector = said(20, 4.0), said(1, 0.0)[0]
    baseline = Baseline(VOICES)
    for one in earlier:
        baseline.remove(one)
    given = Baseline(VOICES, len(earlier), earlier.mean(axis=0) - EVERYBODY)
    np.testing.assert_allclose(given.remove(vector), baseline.remove(vector), atol=1e-4)


def test_voices_come_back_from_their_file(tmp_path: Path) -> None:
    save_file(VOICES.to_arrays(), tmp_path / "baseline.safetensors")
    read = Voices.from_file(tmp_path / "baseline.safetensors")
    np.testing.assert_array_equal(read.mean, EVERYBODY)
    assert (read.weight, read.memory) == (10, 50)


def test_a_mean_of_another_width_is_refused() -> None:
    arrays = {**VOICES.to_arrays(), "mean": np.zeros(768, np.float32)}
    with pytest.raises(BundleError, match=r"\(768,\), expected \(1024,\)"):
        Voices.from_arrays(arrays)
