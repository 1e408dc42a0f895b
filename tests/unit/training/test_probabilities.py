import numpy as np
import pytest
from numpy.typing import NDArray

from hoovik.models.calibration import Calibration
from hoovik.models.fusion import Fusion, sharpened
from hoovik.models.probability import softmax, with_prior
from hoovik.schema.emotion import MEETING_PRIOR, Profile
from training.build.metrics import calibration_error, negative_log_likelihood
from training.build.probabilities import (
    NATURAL,
    fit_calibration,
    fit_fusion,
    fit_least,
    fit_sharpness,
    fit_weights,
    prior_weights,
)

EVEN = (1 / 6,) * 6


def drawn(probs: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """A label (N,) for each row of probabilities."""
    return (probs.cumsum(axis=1) > rng.random((len(probs), 1))).argmax(axis=1)


def labelled_logits(
    n: int, temperature: float, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Logits whose softmax is calibrated, for even classes, once divided by the temperature."""
    rng = np.random.default_rng(seed)
    honest = 2 * rng.standard_normal((n, 6))
    return temperature * honest, drawn(softmax(honest), rng)


def two_models(n: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Two models (2, n, 6) who each know something that the other does not, and the truth."""
    rng = np.random.default_rng(1)
    hints = rng.dirichlet(np.full(6, 0.4), size=(2, n))
    together = hints[0] * hints[1]
    return hints, drawn(together / together.sum(axis=1, keepdims=True), rng)


def test_weights_make_classes_as_frequent_as_a_prior() -> None:
    labels = np.repeat(np.arange(6), (50, 3, 7, 20, 10, 10))
    weights = prior_weights(labels)
    assert weights.mean() == pytest.approx(1)
    assert np.bincount(labels, weights) / 100 == pytest.approx(NATURAL)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_known_scales_and_the_prior_are_recovered(temperature: float) -> None:
    calibration = fit_calibration(*labelled_logits(6000, temperature, seed=1))
    assert calibration.scales == pytest.approx([1 / temperature] * 6, rel=0.1)
    assert calibration.biases == pytest.approx(np.log(np.array(NATURAL) * 6), abs=0.15)


def test_an_overconfident_model_becomes_honest_on_other_samples() -> None:
    calibration = fit_calibration(*labelled_logits(3000, 4.0, seed=2))
    logits, labels = labelled_logits(3000, 4.0, seed=3)
    before, after = softmax(logits), with_prior(calibration(logits), NATURAL, EVEN)
    assert calibration_error(before, labels) > 0.15
    assert calibration_error(after, labels) < 0.04
    assert negative_log_likelihood(after, labels) < negative_log_likelihood(before, labels)


def test_a_class_of_its_own_gets_a_scale_and_a_bias_of_its_own() -> None:
    logits, labels = labelled_logits(6000, 1.0, seed=4)
    logits[:, 3] = 2 * logits[:, 3] + 1.5
    calibration = fit_calibration(logits, labels)
    assert calibration.scales[3] == pytest.approx(0.5, rel=0.1)
    assert calibration.biases[3] - np.log(6 * NATURAL[3]) == pytest.approx(-0.75, abs=0.15)
    assert calibration.scales[0] == pytest.approx(1, rel=0.1)


def test_a_few_samples_move_no_class_far() -> None:
    labels = np.arange(12) % 6
    logits = np.random.default_rng(5).standard_normal((12, 6)) + np.eye(6)[labels]
    calibration = fit_calibration(logits, labels)
    ratios = np.array(calibration.scales) / np.exp(np.mean(np.log(calibration.scales)))
    assert ratios == pytest.approx(np.ones(6), abs=0.25)
    assert calibration.biases == pytest.approx(np.log(np.array(NATURAL) * 6), abs=0.3)


def test_a_scale_at_its_bound_is_refused() -> None:
    labels = np.arange(600) % 6
    with pytest.raises(ValueError, match="bound"):
        fit_calibration(0.1 * np.eye(6)[labels], labels)


def test_a_missing_class_is_refused_by_name() -> None:
    logits, labels = labelled_logits(200, 1.0, seed=5)
    with pytest.raises(ValueError, match="disgust"):
        fit_calibration(logits[labels != 2], labels[labels != 2])


def test_the_model_that_knows_has_the_weight() -> None:
    hints, labels = two_models(2_000)
    guesses = np.full_like(hints[0], 1 / 6)
    weights = fit_weights(np.stack([guesses, hints[1], guesses]), labels)
    assert weights[1] > 0.75
    assert sum(weights) == pytest.approx(1)


def test_weights_are_the_best_of_all() -> None:
    hints, labels = two_models(2_000)
    counts = prior_weights(labels)

    def loss(weight: float) -> float:
        return negative_log_likelihood(weight * hints[0] + (1 - weight) * hints[1], labels, counts)

    weights = fit_weights(hints, labels)
    assert loss(weights[0]) <= min(map(loss, np.linspace(0, 1, 101))) + 1e-5


def test_a_mean_of_models_is_made_as_sure_as_it_is_right() -> None:
    hints, labels = two_models(6_000)
    mean = 0.6 * hints[0] + 0.4 * hints[1]
    sharpness = fit_sharpness(mean, labels)
    assert sharpness > 1.2
    after = calibration_error(sharpened(mean, sharpness), labels)
    assert after < calibration_error(mean, labels) / 2


def test_the_threshold_of_a_conformal_set_computed_by_hand() -> None:
    # Of 19 samples, with the one to come 20, two may miss: the second smallest is the threshold.
    right = np.linspace(0.05, 0.95, 19)
    told = np.zeros((19, 6))
    told[np.arange(19), 0] = right
    assert fit_least(told, np.zeros(19, np.int64), EVEN) == pytest.approx(right[1], abs=2e-6)
    # Of eight none may miss.
    assert fit_least(told[:8], np.zeros(8, np.int64), EVEN) == 1e-6


def test_sets_cover_nine_in_ten_of_a_meeting_that_they_have_not_seen() -> None:
    rng = np.random.default_rng(6)
    shares = []
    for _ in range(40):
        probs = rng.dirichlet(np.full(6, 0.5), size=1_500)
        labels = drawn(probs, rng)
        told = with_prior(probs, EVEN, MEETING_PRIOR)
        least = fit_least(told[:500], labels[:500], MEETING_PRIOR)
        covered = told[np.arange(500, 1_500), labels[500:]] >= least
        weights = prior_weights(labels[500:], MEETING_PRIOR)
        shares.append(np.average(covered, weights=weights))
    assert np.mean(shares) == pytest.approx(0.9, abs=0.015)


def test_a_fusion_holds_at_the_prior_that_it_names() -> None:
    rng = np.random.default_rng(7)
    profiles = {}
    for _ in range(2):
        logits, labels = labelled_logits(4000, 1.0, seed=int(rng.integers(99)))
        noisy = np.stack([logits, logits + rng.standard_normal((4000, 6)), 0 * logits])
        profiles[len(profiles)] = noisy, labels
    (first, labels), (second, truth) = profiles[0], profiles[1]
    members = [np.stack([fit_calibration(one, labels)(one) for one in first])]
    members.append(
        np.stack([fit_calibration(a, labels)(b) for a, b in zip(first, second, strict=True)])
    )
    fusion = fit_fusion({Profile.BOTH: (members[0], labels)}, {Profile.BOTH: (members[1], truth)})
    assert fusion.prior == NATURAL
    assert fusion.both.weights[0] > 0.9
    assert 0 < fusion.both.least < 0.5
    assert fusion.audio_only == Fusion().audio_only
    index = np.zeros(4000, np.int8)
    frequencies = np.average(fusion(members[1], index), axis=0, weights=prior_weights(truth))
    assert frequencies == pytest.approx(NATURAL, abs=0.02)


def test_a_calibration_needs_no_more_than_its_numbers() -> None:
    logits, labels = labelled_logits(300, 2.0, seed=8)
    fitted = fit_calibration(logits, labels)
    assert Calibration.model_validate_json(fitted.model_dump_json()) == fitted
