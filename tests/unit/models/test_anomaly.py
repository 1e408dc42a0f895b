from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from hoovik.features.anomaly import FORESTS, choose_forests
from hoovik.features.batch import FeatureBatch
from hoovik.models.anomaly import AnomalyGate
from hoovik.models.ensemble import Ensemble


def test_each_sequence_is_judged_by_its_own_forest(
    ensemble: Ensemble, features: FeatureBatch
) -> None:
    chosen = choose_forests(features.sequences)
    assert set(chosen.tolist()) == {0, 1, 2, 3}
    _, scores = ensemble.gate.judge(features)
    assert scores.dtype == np.float32
    for row, index in enumerate(chosen):
        own = ensemble.gate.forests[index].scores(features.anomaly_columns[row : row + 1])
        assert scores[row] == own[0]


def test_each_forest_has_its_own_threshold(ensemble: Ensemble, features: FeatureBatch) -> None:
    chosen = choose_forests(features.sequences)
    for strict in range(4):
        gate = AnomalyGate(
            tuple(
                replace(forest, anomaly_below=0.0 if index == strict else -1.0)
                for index, forest in enumerate(ensemble.gate.forests)
            )
        )
        flags, _ = gate.judge(features)
        assert flags.tolist() == (chosen == strict).tolist()


def test_only_a_score_below_the_threshold_is_flagged(
    ensemble: Ensemble, features: FeatureBatch
) -> None:
    _, scores = ensemble.gate.judge(features)
    row = int(np.flatnonzero(choose_forests(features.sequences) == 0)[0])
    for threshold, flagged in (
        (float(scores[row]), False),
        (float(np.nextafter(scores[row], np.float32(0))), True),
    ):
        first = replace(ensemble.gate.forests[0], anomaly_below=threshold)
        gate = AnomalyGate((first, *ensemble.gate.forests[1:]))
        assert bool(gate.judge(features)[0][row]) is flagged


def test_nothing_to_judge_is_no_error(ensemble: Ensemble, features: FeatureBatch) -> None:
    flags, scores = ensemble.gate.judge(features[:0])
    assert flags.shape == scores.shape == (0,)


def test_it_comes_back_from_its_file(
    ensemble: Ensemble, features: FeatureBatch, tmp_path: Path
) -> None:
    arrays = {}
    for name, forest in zip(FORESTS, ensemble.gate.forests, strict=True):
        arrays |= forest.to_arrays(name)
    save_file(arrays, tmp_path / "anomaly_forests.safetensors")
    loaded = AnomalyGate.from_file(tmp_path / "anomaly_forests.safetensors")
    for own, others in zip(loaded.judge(features), ensemble.gate.judge(features), strict=True):
        assert np.array_equal(own, others)
