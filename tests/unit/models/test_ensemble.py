from dataclasses import replace

import numpy as np
import pytest

from hoovik.features.batch import FeatureBatch
from hoovik.models.calibration import Calibration, Calibrations
from hoovik.models.ensemble import Ensemble
from hoovik.models.fusion import Fusion, Pool
from hoovik.models.probability import softmax
from hoovik.models.untrained import untrained_ensemble
from hoovik.schema.emotion import MEETING_PRIOR, Profile


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
        assert 0 < prediction.anomaly_score <= 1


def test_nothing_asked_is_nothing_answered(ensemble: Ensemble, features: FeatureBatch) -> None:
    assert ensemble.predict(features[:0]) == []


def test_the_same_question_has_the_same_answer(ensemble: Ensemble, features: FeatureBatch) -> None:
    for one, other in zip(ensemble.predict(features), ensemble.predict(features), strict=True):
        assert np.array_equal(one.probs, other.probs)
        assert one.anomaly_score == other.anomaly_score


def test_a_batch_is_its_sequences_one_by_one(ensemble: Ensemble, features: FeatureBatch) -> None:
    together = ensemble.predict(features)
    for row, expected in enumerate(together):
        (single,) = ensemble.predict(features[row : row + 1])
        assert single.probs == pytest.approx(expected.probs, abs=1e-5)
        assert single.anomaly_score == pytest.approx(expected.anomaly_score, abs=1e-6)


def test_it_fuses_what_its_members_say_after_calibration(
    ensemble: Ensemble, features: FeatureBatch
) -> None:
    sharp = Calibration(scales=(10.0,) * 6)
    calibrations = Calibrations(profiles=dict.fromkeys(Profile, sharp))
    calibration = ensemble.calibration.model_copy(update={"transformer": calibrations})
    members = [
        sharp(ensemble.transformer.logits(features.sequences)),
        softmax(ensemble.trees.logits(features.tree_columns)),
        softmax(ensemble.linear.logits(features.sequences)),
    ]
    for weights in ((1, 0, 0), (0, 0, 1), (0.5, 0.3, 0.2)):
        pool = Pool(weights=weights)
        fusion = Fusion(both=pool, audio_only=pool, video_only=pool)
        fused = replace(ensemble, calibration=calibration, fusion=fusion, prior=fusion.prior)
        probs = np.array([prediction.probs for prediction in fused.predict(features)])
        expected = sum(weight * own for weight, own in zip(weights, members, strict=True))
        np.testing.assert_allclose(probs, expected, atol=1e-6)


def test_it_tells_of_a_place_where_the_classes_have_other_frequencies(
    ensemble: Ensemble, features: FeatureBatch
) -> None:
    fusion = Fusion(video_only=Pool(least=0.3), audio_only=Pool(least=0.2))
    even = replace(ensemble, fusion=fusion, prior=fusion.prior).predict(features)
    told = replace(ensemble, fusion=fusion, prior=MEETING_PRIOR).predict(features)
    for before, after in zip(even, told, strict=True):
        moved = before.probs * np.array(MEETING_PRIOR)
        assert after.probs == pytest.approx(moved / moved.sum(), abs=1e-5)
    assert {one.least for one in told} == {0.1, 0.2, 0.3}


def test_the_seed_decides_untrained_weights(ensemble: Ensemble, features: FeatureBatch) -> None:
    def answers(asked: Ensemble) -> np.ndarray:
        return np.array([one.probs for one in asked.predict(features[:6])])

    first = answers(ensemble)
    assert np.array_equal(answers(untrained_ensemble(1, rounds=3)), first)
    assert not np.allclose(answers(untrained_ensemble(2, rounds=3)), first)
