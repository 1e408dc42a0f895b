import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from pydantic import ValidationError

from hoovik.models.calibration import Calibration, Calibrations, EnsembleCalibration
from hoovik.models.probability import softmax, with_prior
from hoovik.schema.emotion import Profile
from tests.unit.features.scenes import of_profiles

QUARTER = np.log(np.array([[2.0, 1, 1, 1, 1, 2]]))
"""Probabilities 2/8, 1/8, 1/8, 1/8, 1/8, 2/8."""


def test_softmax_computed_by_hand() -> None:
    assert softmax(QUARTER)[0] == pytest.approx([0.25, 0.125, 0.125, 0.125, 0.125, 0.25])


def test_a_prior_is_adjusted_as_by_hand() -> None:
    # Neutral counts four times as much as each of the others.
    even, wanted = np.full(6, 1 / 6), np.array([1, 1, 1, 1, 1, 4]) / 9
    told = with_prior(softmax(QUARTER), even, wanted)[0]
    assert told == pytest.approx(np.array([2, 1, 1, 1, 1, 8]) / 14)
    assert with_prior(told[None], wanted, even)[0] == pytest.approx(softmax(QUARTER)[0])


def test_untouched_it_is_a_softmax() -> None:
    assert Calibration()(QUARTER)[0] == pytest.approx(softmax(QUARTER)[0])


def test_scales_are_powers_and_biases_factors() -> None:
    # 2 : 1 : 1 : 1 : 1 : 2; the first squared, the last halved, the second trebled.
    calibration = Calibration(
        scales=(2.0, 1, 1, 1, 1, 1), biases=(0, float(np.log(3)), 0, 0, 0, -float(np.log(2)))
    )
    assert calibration(QUARTER)[0] == pytest.approx(np.array([4, 3, 1, 1, 1, 1]) / 11)


@pytest.mark.parametrize("scale", [1e4, 1e30])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_logits_have_finite_probabilities(scale: float, dtype: type) -> None:
    logits = np.array([[1, 0, 0, 0, 0, -1], [-1, -1, -1, -1, -1, -1], [0, 0, 1, 1, 0, 0]], dtype)
    calibration = Calibration(scales=(20,) * 6, biases=(-50,) * 6)
    for one in (Calibration(), calibration):
        probs = one(logits * dtype(scale))
        assert np.isfinite(probs).all()
        assert probs.sum(axis=1) == pytest.approx([1, 1, 1])


@given(
    logits=arrays.arrays(np.float32, (3, 6), elements=st.floats(-1e5, 1e5, width=32)),
    scales=st.tuples(*[st.floats(0.05, 20)] * 6),
    biases=st.tuples(*[st.floats(-50, 50)] * 6),
)
def test_rows_add_up_to_one(
    logits: NDArray[np.float32],
    scales: tuple[float, ...],
    biases: tuple[float, ...],
) -> None:
    probs = Calibration(scales=scales, biases=biases)(logits)
    assert probs.shape == (3, 6)
    assert (probs >= 0).all()
    assert probs.sum(axis=1) == pytest.approx([1, 1, 1])


def test_each_profile_has_its_own() -> None:
    calibrations = Calibrations(
        profiles={
            Profile.BOTH: Calibration(),
            Profile.AUDIO_ONLY: Calibration(scales=(0.5,) * 6),
            Profile.VIDEO_ONLY: Calibration(scales=(1e-9,) * 6),
        }
    )
    profiles = of_profiles([Profile.VIDEO_ONLY, Profile.BOTH, Profile.AUDIO_ONLY])
    probs = calibrations(np.repeat(QUARTER, 3, axis=0), profiles)
    assert probs[0] == pytest.approx([1 / 6] * 6)
    assert probs[1] == pytest.approx(Calibration()(QUARTER)[0])
    assert probs[2] == pytest.approx(Calibration(scales=(0.5,) * 6)(QUARTER)[0])


def test_a_profile_without_a_calibration_is_refused() -> None:
    with pytest.raises(ValidationError, match="no calibration for audio_only, video_only"):
        Calibrations(profiles={Profile.BOTH: Calibration()})


@pytest.mark.parametrize(
    "values",
    [
        {"scales": (0.0,) * 6},
        {"scales": (1.0,) * 5},
        {"biases": (0.0,) * 7},
        {"temperature": 1.0},
    ],
)
def test_what_is_no_calibration_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Calibration.model_validate(values)


def test_it_comes_back_from_its_file(tmp_path) -> None:
    file = tmp_path / "calibration.json"
    file.write_text(EnsembleCalibration.identity().model_dump_json())
    assert EnsembleCalibration.from_file(file) == EnsembleCalibration.identity()
    written = json.loads(file.read_text())
    assert set(written["trees"]["profiles"]) == {"both", "audio_only", "video_only"}
