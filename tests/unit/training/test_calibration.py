import numpy as np
import pytest
from numpy.typing import NDArray

from hoovik.models.probability import softmax
from training.build.calibration import fit_calibration, fit_temperature
from training.build.metrics import calibration_error, negative_log_likelihood


def labelled_logits(
    n: int, temperature: float, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Logits whose softmax is calibrated once they are divided by the temperature."""
    rng = np.random.default_rng(seed)
    honest = 2 * rng.standard_normal((n, 6))
    labels = np.array([rng.choice(6, p=row) for row in softmax(honest)])
    return temperature * honest, labels


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_a_known_temperature_is_recovered(temperature: float) -> None:
    logits, labels = labelled_logits(4000, temperature, seed=1)
    assert fit_temperature(logits, labels) == pytest.approx(temperature, rel=0.06)


def test_an_overconfident_model_becomes_honest_on_other_samples() -> None:
    calibration = fit_calibration(*labelled_logits(3000, 4.0, seed=2))
    logits, labels = labelled_logits(3000, 4.0, seed=3)
    before, after = softmax(logits), calibration(logits)
    assert calibration_error(before, labels) > 0.15
    assert calibration_error(after, labels) < 0.04
    assert negative_log_likelihood(after, labels) < negative_log_likelihood(before, labels)


def test_what_is_stored_is_what_scikit_learn_fitted() -> None:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.frozen import FrozenEstimator

    from training.build.calibration import _Tempered

    logits, labels = labelled_logits(600, 2.0, seed=4)
    calibration = fit_calibration(logits, labels)
    fitted = CalibratedClassifierCV(
        FrozenEstimator(_Tempered(calibration.temperature)), method="sigmoid"
    ).fit(logits, labels)
    assert calibration(logits) == pytest.approx(fitted.predict_proba(logits), abs=1e-9)


def test_a_temperature_at_its_bound_is_refused() -> None:
    labels = np.arange(60) % 6
    with pytest.raises(ValueError, match="bound"):
        fit_temperature(0.2 * np.eye(6)[labels], labels)


def test_a_missing_class_is_refused_by_name() -> None:
    logits, labels = labelled_logits(200, 1.0, seed=5)
    with pytest.raises(ValueError, match="disgust"):
        fit_calibration(logits[labels != 2], labels[labels != 2])
