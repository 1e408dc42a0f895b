import numpy as np
import pytest

from hoovik.features.batch import FeatureBatch
from hoovik.models.calibration import Calibration, Calibrations
from hoovik.models.ensemble import Ensemble
from hoovik.models.fusion import Fusion, Pool
from hoovik.models.untrained import untrained_ensemble
from hoovik.schema.emotion import Profile


def test_every_sequence_has_six_probabilities_that_add_up_to_one(
    ensemble: Ensemble, features: FeatureBatch
) -> None:
    predictions = ensemble.predict(features)
    assert len(predictions) == 30
    for prediction in predictions:
        assert prediction.probs.shape == (6,)
        assert prediction.probs.dtype == np.float32
        assert prediction.probs.min() >= 0
        assert prediction.probs.sum() == pytest.approx(1, abs=1e-5)
        assert -1 <= prediction.anomaly_score <= 0
        assert isinstance(prediction.anomaly, bool)


def test_nothing_asked_is_nothing_answered(ensemble: Ensemble, features: FeatureBatch) -> None:
    assert ensemble.predict(features[:0]) == []


def test_the_same_question_has_the_same_answer(ensemble: Ensemble, features: FeatureBatch) -> None:
    for one, other in zip(ensemble.predict(features), ensemble.predict(features), strict=True):
        assert np.array_equal(one.probs, other.probs)
        assert (one.anomaly, one.anomaly_score) == (other.anomaly, other.anomaly_score)


def test_a_batch_is_its_sequences_one_by_one(ensemble: Ensemble, features: FeatureBatch) -> None:
    together = ensemble.predict(features)
    for row, expected in enumerate(together):
        (single,) = ensemble.predict(features[row : row + 1])
        assert single.probs == pytest.approx(expected.probs, abs=1e-5)
        assert single.anomaly_score == pytest.approx(expected.anomaly_score, abs=1e-6)


def test_it_fuses_what_both_models_say_after_calibration(
    ensemble: Ensemble, features: FeatureBatch
) -> None:
    sharp = Calibrations(profiles={profile: Calibration(temperature=0.1) for profile in Profile})
    plain = Calibrations(profiles={profile: Calibration() for profile in Profile})
    calibration = ensemble.calibration.model_copy(update={"transformer": sharp, "trees": plain})
    by_transformer = sharp.profiles[Profile.BOTH](ensemble.transformer.logits(features.sequences))
    by_trees = plain.profiles[Profile.BOTH](ensemble.trees.logits(features.tree_columns))
    for weight in (0.0, 0.25, 1.0):
        pool = Pool(weight=weight)
        fusion = Fusion(both=pool, audio_only=pool, video_only=pool)
        fused = Ensemble(ensemble.transformer, ensemble.trees, ensemble.gate, calibration, fusion)
        probs = np.array([prediction.probs for prediction in fused.predict(features)])
        expected = weight * by_transformer + (1 - weight) * by_trees
        np.testing.assert_allclose(probs, expected, atol=1e-6)


def test_the_seed_decides_untrained_weights(ensemble: Ensemble, features: FeatureBatch) -> None:
    def answers(asked: Ensemble) -> np.ndarray:
        return np.array([one.probs for one in asked.predict(features[:6])])

    first = answers(ensemble)
    assert np.array_equal(answers(untrained_ensemble(1, rounds=3)), first)
    assert not np.allclose(answers(untrained_ensemble(2, rounds=3)), first)
