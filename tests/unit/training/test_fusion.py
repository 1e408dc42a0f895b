import numpy as np
import pytest

from hoovik.models.fusion import Fusion, Pool
from hoovik.schema.emotion import Profile
from training.build.fusion import fit_fusion, fit_sharpness
from training.build.metrics import calibration_error
from training.build.plan import Plan

PLAN = Plan(class_balance=0.0, fusion_trials=30)


def two_models(n: int) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Two models who each know something that the other does not, and the truth."""
    rng = np.random.default_rng(1)
    hints = rng.dirichlet(np.full(6, 0.4), size=(2, n))
    together = hints[0] * hints[1]
    together /= together.sum(axis=1, keepdims=True)
    labels = (together.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
    return (hints[0], hints[1]), labels


def test_the_model_that_knows_has_the_weight() -> None:
    (knows, _), labels = two_models(2_000)
    guesses = np.full_like(knows, 1 / 6)
    fusion = fit_fusion(
        {Profile.BOTH: (guesses, knows), Profile.VIDEO_ONLY: (knows, guesses)},
        {Profile.BOTH: labels, Profile.VIDEO_ONLY: labels},
        PLAN,
    )
    assert fusion.both.weight < 0.25
    assert fusion.video_only.weight > 0.75
    assert fusion.audio_only == Pool()


def test_a_mean_of_models_is_made_as_sure_as_it_is_right() -> None:
    probs, labels = two_models(6_000)
    plain = Fusion(both=Pool(weight=0.6))
    fusion = fit_sharpness(plain, {Profile.BOTH: probs}, {Profile.BOTH: labels}, PLAN)
    assert fusion.both.weight == 0.6
    assert fusion.both.sharpness > 1.2
    both = np.full(6_000, list(Profile).index(Profile.BOTH), np.int8)
    before = calibration_error(plain(*probs, both), labels)
    after = calibration_error(fusion(*probs, both), labels)
    assert after < before / 2


def test_one_model_alone_is_left_as_sure_as_it_is() -> None:
    rng = np.random.default_rng(2)
    probs = rng.dirichlet(np.full(6, 0.5), size=6_000)
    labels = (probs.cumsum(axis=1) > rng.random((6_000, 1))).argmax(axis=1)
    fusion = fit_sharpness(
        Fusion(), {Profile.AUDIO_ONLY: (probs, probs)}, {Profile.AUDIO_ONLY: labels}, PLAN
    )
    assert fusion.audio_only.sharpness == pytest.approx(1.0, abs=0.05)
