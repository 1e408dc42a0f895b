from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from hoovik.features.anomaly import COVERAGES, choose_forests, coverages
from hoovik.features.batch import FeatureBatch
from hoovik.features.sequence import PROFILES
from hoovik.models.anomaly import AnomalyGate
from hoovik.models.ensemble import Ensemble


def test_each_sequence_is_judged_by_its_own_forest(
    ensemble: Ensemble, features: FeatureBatch
) -> None:
    chosen = choose_forests(features.sequences)
    assert set(chosen.tolist()) == {0, 1, 2, 3}
    scores = ensemble.gate.scores(features)
    assert scores.dtype == np.float32
    for row, index in enumerate(chosen):
        own = ensemble.gate.forests[index].scores(features.anomaly_columns[row : row + 1])
        assert scores[row] == own[0]


def test_each_profile_and_coverage_has_its_own_usual_scores(
    ensemble: Ensemble, features: FeatureBatch
) -> None:
    groups = coverages(features.sequences)
    profile, group = features.sequences.profiles[0], groups[0]
    usual = [[np.zeros(99, np.float32)] * COVERAGES for _ in PROFILES]
    usual[profile][group] = np.full(99, -0.9, np.float32)
    values = replace(ensemble.gate, usual=tuple(map(tuple, usual))).judge(features)
    alike = (features.sequences.profiles == profile) & (groups == group)
    assert not alike.all()
    np.testing.assert_allclose(values, np.where(alike, 1.0, 0.01))


def test_usual_sequences_have_small_values_as_rarely_as_they_say(
    ensemble: Ensemble, features: FeatureBatch
) -> None:
    # One of a hundred exchangeable scores: a value of at most k/100 has just k of them.
    rng = np.random.default_rng(0)
    row = features[:1]
    profile, group = features.sequences.profiles[0], coverages(row.sequences)[0]
    score = ensemble.gate.scores(row)[0]
    values = []
    for place in range(100):
        others = np.concatenate(
            [score - rng.uniform(0.01, 0.1, place), score + rng.uniform(0.01, 0.1, 99 - place)]
        )
        usual = [list(groups) for groups in ensemble.gate.usual]
        usual[profile][group] = np.sort(others).astype(np.float32)
        gate = replace(ensemble.gate, usual=tuple(map(tuple, usual)))
        values.append(float(gate.judge(row)[0]))
    np.testing.assert_allclose(values, np.arange(1, 101) / 100)


def test_nothing_to_judge_is_no_error(ensemble: Ensemble, features: FeatureBatch) -> None:
    assert ensemble.gate.judge(features[:0]).shape == (0,)


def test_it_comes_back_from_its_file(
    ensemble: Ensemble, features: FeatureBatch, tmp_path: Path
) -> None:
    save_file(ensemble.gate.to_arrays(), tmp_path / "anomaly_forests.safetensors")
    loaded = AnomalyGate.from_file(tmp_path / "anomaly_forests.safetensors")
    assert np.array_equal(loaded.judge(features), ensemble.gate.judge(features))
