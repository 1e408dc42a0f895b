import numpy as np
import pytest

from training.build import metrics

PROBS = np.array(
    [
        [0.9, 0.1, 0, 0, 0, 0],
        [0.6, 0.4, 0, 0, 0, 0],
        [0.2, 0.8, 0, 0, 0, 0],
        [0, 0, 0, 1.0, 0, 0],
    ]
)
LABELS = np.array([0, 1, 1, 3])


def test_figures_of_four_samples() -> None:
    assert metrics.accuracy(PROBS, LABELS) == 0.75
    assert metrics.balanced_accuracy(PROBS, LABELS) == pytest.approx((1 + 0.5 + 1) / 3)
    assert np.isnan(metrics.recalls(PROBS, LABELS)[2])
    expected = -np.log([0.9, 0.4, 0.8, 1.0]).mean()
    assert metrics.negative_log_likelihood(PROBS, LABELS) == pytest.approx(expected)
    assert metrics.brier(PROBS, LABELS) == pytest.approx((0.02 + 0.72 + 0.08 + 0) / 4)
    # Every sample has a bin of its own: the gaps are 0.1, 0.6, 0.2 and 0.
    assert metrics.calibration_error(PROBS, LABELS) == pytest.approx(0.9 / 4)


def test_the_bootstrap_keeps_the_samples_of_one_owner_together() -> None:
    rng = np.random.default_rng(0)
    probs = np.repeat(PROBS, 50, axis=0)
    labels = np.repeat(LABELS, 50)
    few = tuple(np.repeat(["a", "b", "c", "d"], 50))
    many = tuple(map(str, range(200)))
    wide = metrics.bootstrap_interval(metrics.accuracy, probs, labels, few, 300, rng)
    narrow = metrics.bootstrap_interval(metrics.accuracy, probs, labels, many, 300, rng)
    assert wide[1] - wide[0] > 3 * (narrow[1] - narrow[0])


def test_classwise_calibration_and_risk_computed_by_hand() -> None:
    probs = np.array([[0.9, 0.1, 0, 0, 0, 0], [0.8, 0.2, 0, 0, 0, 0], [0.3, 0.7, 0, 0, 0, 0]])
    labels = np.array([0, 1, 1])
    # Each probability has a bin of its own: |1 - 0.9| + |0 - 0.8| + |0 - 0.3| over three.
    errors = metrics.class_calibration_errors(probs, labels)
    assert errors == pytest.approx([0.4, 0.4, 0, 0, 0, 0])
    # Surest first: right, wrong, right.
    assert metrics.risks(probs, labels) == pytest.approx([0, 1 / 2, 1 / 3])
    assert metrics.aurc(probs, labels) == pytest.approx(5 / 18)
