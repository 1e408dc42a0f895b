import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from pydantic import ValidationError

from hoovik.models.calibration import Calibration, Calibrations, EnsembleCalibration
from hoovik.models.probability import log_odds, softmax
from hoovik.schema.emotion import Profile
from tests.unit.features.scenes import of_profiles

QUARTER = np.log(np.array([[2.0, 1, 1, 1, 1, 2]]))
"""Probabilities 2/8, 1/8, 1/8, 1/8, 1/8, 2/8."""


def test_softmax_and_odds_computed_by_hand() -> None:
    assert softmax(QUARTER)[0] == pytest.approx([0.25, 0.125, 0.125, 0.125, 0.125, 0.25])
    third, seventh = np.log(1 / 3), np.log(1 / 7)
    assert log_odds(QUARTER)[0] == pytest.approx([third, *[seventh] * 4, third])


def test_sure_classes_keep_their_odds() -> None:
    # 1 - p is 0 in floating point long before these odds are.
    assert log_odds(np.array([[500.0, 0, 0, 0, 0, 0]]))[0, 0] == pytest.approx(500 - np.log(5))


def test_untouched_it_scales_the_odds_back_to_probabilities() -> None:
    # The sigmoid of a log-odds is the probability it came from; six of them add up to 1 already.
    assert Calibration()(QUARTER)[0] == pytest.approx(softmax(QUARTER)[0])


def test_a_temperature_of_two_takes_square_roots() -> None:
    root = 2**0.5
    expected = np.array([root, 1, 1, 1, 1, root]) / (2 * root + 4)
    assert Calibration(temperature=2)(QUARTER)[0] == pytest.approx(expected)


def test_platts_sigmoid_computed_by_hand() -> None:
    # Odds 1/3 and 1/7. Slope 2 squares them: 1/9 and 1/49. Offset log 3 trebles: 1/3.
    calibration = Calibration(slopes=(2.0,) * 6, offsets=(float(np.log(3)), 0, 0, 0, 0, 0))
    sigmoids = np.array([1 / 4, 1 / 50, 1 / 50, 1 / 50, 1 / 50, 1 / 10])
    assert calibration(QUARTER)[0] == pytest.approx(sigmoids / sigmoids.sum())


def test_temperature_comes_before_platt() -> None:
    logits = np.log(np.array([[16.0, 1, 1, 1, 1, 1]]))
    # Temperature 4 leaves 2 : 1 : ..., odds 2/5 and 1/6; the slope 0.5 takes their roots.
    odds = np.sqrt([2 / 5, *[1 / 6] * 5])
    sigmoids = odds / (1 + odds)
    answer = Calibration(temperature=4, slopes=(0.5,) * 6)(logits)
    assert answer[0] == pytest.approx(sigmoids / sigmoids.sum())


@pytest.mark.parametrize("scale", [1e4, 1e30])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_logits_have_finite_probabilities(scale: float, dtype: type) -> None:
    logits = np.array([[1, 0, 0, 0, 0, -1], [-1, -1, -1, -1, -1, -1], [0, 0, 1, 1, 0, 0]], dtype)
    calibration = Calibration(temperature=0.05, slopes=(3,) * 6, offsets=(-50,) * 6)
    for one in (Calibration(), calibration):
        probs = one(logits * dtype(scale))
        assert np.isfinite(probs).all()
        assert probs.sum(axis=1) == pytest.approx([1, 1, 1])


@given(
    logits=arrays.arrays(np.float32, (3, 6), elements=st.floats(-1e5, 1e5, width=32)),
    temperature=st.floats(0.05, 20),
    slopes=st.tuples(*[st.floats(-5, 5)] * 6),
    offsets=st.tuples(*[st.floats(-50, 50)] * 6),
)
def test_rows_add_up_to_one(
    logits: NDArray[np.float32],
    temperature: float,
    slopes: tuple[float, ...],
    offsets: tuple[float, ...],
) -> None:
    probs = Calibration(temperature=temperature, slopes=slopes, offsets=offsets)(logits)
    assert probs.shape == (3, 6)
    assert (probs >= 0).all()
    assert probs.sum(axis=1) == pytest.approx([1, 1, 1])


def test_each_profile_has_its_own() -> None:
    calibrations = Calibrations(
        profiles={
            Profile.BOTH: Calibration(),
            Profile.AUDIO_ONLY: Calibration(temperature=2),
            Profile.VIDEO_ONLY: Calibration(temperature=1e9),
        }
    )
    profiles = of_profiles([Profile.VIDEO_ONLY, Profile.BOTH, Profile.AUDIO_ONLY])
    probs = calibrations(np.repeat(QUARTER, 3, axis=0), profiles)
    assert probs[0] == pytest.approx([1 / 6] * 6)
    assert probs[1] == pytest.approx(Calibration()(QUARTER)[0])
    assert probs[2] == pytest.approx(Calibration(temperature=2)(QUARTER)[0])


def test_a_profile_without_a_calibration_is_refused() -> None:
    with pytest.raises(ValidationError, match="no calibration for audio_only, video_only"):
        Calibrations(profiles={Profile.BOTH: Calibration()})


@pytest.mark.parametrize(
    "values",
    [
        {"temperature": 0.0},
        {"temperature": -1.0},
        {"slopes": (1.0,) * 5},
        {"offsets": (0.0,) * 7},
        {"bias": 1.0},
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
