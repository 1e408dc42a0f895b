"""How fast everything after the encoders is by itself, on one core: no service, no queue."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from numpy.typing import NDArray

from bench.alternatives import Scores, forests, trees
from bench.faces import face_subjects
from bench.rounds import Timed, one_compute_thread, time_in_turns
from hoovik.features.anomaly import anomaly_columns
from hoovik.features.engineered import engineered_columns
from hoovik.features.sequence import PROFILES, SequenceBatch
from hoovik.features.statistics import ModalityStatistics
from hoovik.features.transform import FeatureTransform
from hoovik.layout import AUDIO_DIM, FACE_DIM, SEQ_LEN
from hoovik.models.bundle import TRANSFORMER, TREES, Bundle
from hoovik.models.ensemble import Ensemble, load_transformer, transformer_logits
from hoovik.models.transformer import EmotionTransformer
from hoovik.models.untrained import (
    untrained_booster,
    untrained_ensemble,
    untrained_transform,
    untrained_transformer,
)
from hoovik.schema.emotion import Profile

BATCHES = (1, 2, 4, 8, 16)
SEED = 0
ROUNDS = 525
"""Boosting rounds without a bundle."""
MIX = (Profile.BOTH, Profile.BOTH, Profile.AUDIO_ONLY, Profile.VIDEO_ONLY)
"""Profiles, in turn; a batch of one has both modalities, which takes the longest."""
VALID = 0.9
"""Share of the steps that a modality has."""
WHOLE = "whole"


def measure_models(
    bundle: Path, *, untrained: bool = False, repetitions: int = 60, rounds: int = ROUNDS
) -> dict[str, Any]:
    """Time the parts in turn, with one compute thread on one core.

    Args:
        bundle: folder of the models and of the embedded face encoder.
        untrained: random weights of the same shapes, and no bundle read.
        repetitions: timed calls of each part and batch.
        rounds: of boosting, where untrained.

    Returns:
        `parts`: by name and batch, the median in milliseconds of a sample, or of a frame; `ratios`
        of what was before to what is, by part and batch; `differences`: the largest of each
        alternative from the product's answers; `left_out`: alternatives that are not installed;
        `load_average` from before.

    Raises:
        BundleError: a bundle that is absent or altered.
        ValueError: less than one repetition.
    """
    load_average = os.getloadavg()[0]
    with one_compute_thread():
        if untrained:
            transform, ensemble = untrained_transform(SEED), untrained_ensemble(SEED, rounds=rounds)
            network, booster = untrained_transformer(SEED), untrained_booster(SEED, rounds)
        else:
            opened = Bundle.open(bundle)
            transform, ensemble = opened.load_transform(), opened.load_ensemble()
            network = load_transformer(bundle / TRANSFORMER)
            booster = xgboost.Booster(model_file=str(bundle / TREES))
        features = transform.apply(sequences(max(BATCHES)))
        tree_ways, trees_out = trees(booster, ensemble.trees.logits)
        forest_ways, forests_out = forests(SEED)
        subjects: dict[tuple[str, int], Timed] = {}
        for batch in BATCHES:
            subjects |= _parts(transform, ensemble, network, sequences(batch))
            subjects |= _ways(tree_ways, features.tree_columns[:batch])
            subjects |= _ways(forest_ways, features.anomaly_columns[:batch])
        subjects |= face_subjects(None if untrained else bundle)
        names = {f"{part}/{batch}": subject for (part, batch), subject in subjects.items()}
        times_ms = time_in_turns(names, repetitions)
        differences = {
            **_differences(tree_ways, features.tree_columns),
            **_differences(forest_ways, features.anomaly_columns),
        }
    parts: dict[str, dict[int, float]] = {}
    for part, batch in subjects:
        median_ms = float(np.median(times_ms[f"{part}/{batch}"])) / subjects[part, batch].batch
        parts.setdefault(part, {})[batch] = median_ms
    return {
        "parts": parts,
        "ratios": _ratios(parts),
        "differences": differences,
        "left_out": trees_out + forests_out,
        "load_average": load_average,
        "untrained": untrained,
    }


def sequences(n: int) -> SequenceBatch:
    """Random sequences of mixed profiles, some steps of which are missing."""
    generator = np.random.default_rng(SEED)
    profiles = [MIX[row % len(MIX)] for row in range(n)]
    masks = generator.random((2, n, SEQ_LEN)) < VALID
    masks[:, :, -1] = True
    masks[0] &= np.array([[profile.has_audio] for profile in profiles])
    masks[1] &= np.array([[profile.has_face] for profile in profiles])
    audio, face = (
        np.where(
            mask[..., None], generator.standard_normal((n, SEQ_LEN, width), np.float32), 0
        ).astype(np.float32)
        for mask, width in zip(masks, (AUDIO_DIM, FACE_DIM), strict=True)
    )
    indices = np.array([PROFILES.index(profile) for profile in profiles], np.int8)
    return SequenceBatch(audio, face, masks[0], masks[1], indices)


def _parts(
    transform: FeatureTransform,
    ensemble: Ensemble,
    network: EmotionTransformer,
    batch: SequenceBatch,
) -> dict[tuple[str, int], Timed]:
    n, features = len(batch), transform.apply(batch)

    def statistics(_: int) -> None:
        known = ModalityStatistics.of(batch)
        engineered_columns(batch, known)
        anomaly_columns(batch, known)

    def statistics_twice(_: int) -> None:
        engineered_columns(batch)
        anomaly_columns(batch)

    return {
        ("statistics", n): Timed(statistics, n),
        ("statistics, of each column set", n): Timed(statistics_twice, n),
        ("features", n): Timed(lambda _: transform.apply(batch), n),
        ("transformer", n): Timed(lambda _: ensemble.transformer.logits(batch), n),
        ("transformer, not compiled", n): Timed(lambda _: transformer_logits(network, batch), n),
        ("trees", n): Timed(lambda _: ensemble.trees.logits(features.tree_columns), n),
        ("forests", n): Timed(lambda _: ensemble.gate.judge(features), n),
        (WHOLE, n): Timed(lambda _: ensemble.predict(transform.apply(batch)), n),
    }


def _ways(ways: dict[str, Scores], columns: NDArray[np.float32]) -> dict[tuple[str, int], Timed]:
    def asking(score: Scores) -> Timed:
        return Timed(lambda _: score(columns), len(columns))

    return {(name, len(columns)): asking(score) for name, score in ways.items()}


def _differences(ways: dict[str, Scores], columns: NDArray[np.float32]) -> dict[str, float]:
    ours, *_ = ways.values()
    expected = ours(columns)
    return {name: float(np.abs(score(columns) - expected).max()) for name, score in ways.items()}


def _ratios(parts: dict[str, dict[int, float]]) -> dict[str, dict[int, float]]:
    """What another way takes over what ours does: a name goes on with its way after a comma."""
    return {
        f"{name} / {own}": {
            batch: other_ms / parts[own][batch]
            for batch, other_ms in by_batch.items()
            if batch in parts[own]
        }
        for name, by_batch in parts.items()
        if (own := name.split(",")[0]) != name and own in parts
    }
