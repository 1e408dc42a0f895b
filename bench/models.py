"""How fast each model is by itself: no service, no queue, on one core, in batches."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.encoders import Subjects, audio_subjects, face_subjects
from bench.machine import describe_machine
from bench.rounds import Timed, can_pin, one_compute_thread, time_in_turns
from hoovik.features.sequence import PROFILES, SequenceBatch
from hoovik.features.transform import FeatureTransform
from hoovik.layout import AUDIO_DIM, EXPRESSION_DIM, FACE_DIM, SEQ_LEN
from hoovik.models.bundle import Bundle
from hoovik.models.ensemble import Ensemble
from hoovik.models.untrained import untrained_ensemble, untrained_transform
from hoovik.schema.emotion import Profile

BATCHES = (1, 2, 4, 8, 16)
SEED = 0
ROUNDS = 220
"""Boosting rounds without a bundle."""
MIX = (Profile.BOTH, Profile.BOTH, Profile.AUDIO_ONLY, Profile.VIDEO_ONLY)
"""Profiles, in turn; a batch of one has both modalities, which takes the longest."""
VALID = 0.9
"""Share of the steps that a modality has."""


def measure_models(
    bundle: Path,
    landmarker: Path | None = None,
    *,
    untrained: bool = False,
    wav2vec2: bool = True,
    repetitions: int = 60,
    rounds: int = ROUNDS,
) -> dict[str, Any]:
    """Time encoders, features and models in turn, with one compute thread on one core.

    Args:
        bundle: folder of the models and of the embedded encoders.
        landmarker: MediaPipe's `.task` file; None leaves MediaPipe out.
        untrained: random weights of the same shapes, and no bundle read.
        wav2vec2: whether to time it, with random weights.
        repetitions: timed calls of each part and batch; of Whisper half, of wav2vec2 a tenth.
        rounds: of boosting, where untrained.

    Returns:
        `median_ms` and `p95_ms`: by part and batch, milliseconds of a frame, a window or a sequence;
        `untrained`; `machine`.

    Raises:
        BundleError: a bundle that is absent or altered.
        ConfigurationError: the `.task` file cannot be read.
        MediaError: the sample meeting is not there, or an encoder sees no face in it.
        ValueError: less than one repetition.
    """
    machine = {**describe_machine(), "pinned": can_pin()}
    with one_compute_thread():
        if untrained:
            transform, ensemble = untrained_transform(SEED), untrained_ensemble(SEED, rounds=rounds)
        else:
            opened = Bundle.open(bundle)
            transform, ensemble = opened.load_transform(), opened.load_ensemble()
        weights = None if untrained else bundle
        subjects = {
            **audio_subjects(weights, wav2vec2=wav2vec2),
            **face_subjects(weights, landmarker),
        }
        for batch in BATCHES:
            subjects |= _models(transform, ensemble, sequences(batch))
        names = {f"{part}/{batch}": subject for (part, batch), subject in subjects.items()}
        times_ms = time_in_turns(names, repetitions)
    by_subject = {key: times_ms[f"{key[0]}/{key[1]}"] for key in subjects}
    return {**told_for_one(by_subject), "untrained": untrained, "machine": machine}


def told_for_one(
    times_ms: Mapping[tuple[str, int], NDArray[np.float64]],
) -> dict[str, dict[str, dict[int, float]]]:
    """`median_ms` and `p95_ms` of one frame, window or sequence, by part and batch.

    Args:
        times_ms: by part and batch, (n,) milliseconds of whole calls.
    """
    figures: dict[str, dict[str, dict[int, float]]] = {"median_ms": {}, "p95_ms": {}}
    for (part, batch), of_calls in times_ms.items():
        spread = np.percentile(of_calls / batch, [50, 95]).tolist()
        for by_part, ms in zip(figures.values(), spread, strict=True):
            by_part.setdefault(part, {})[batch] = ms
    return figures


def sequences(n: int) -> SequenceBatch:
    """Random sequences of mixed profiles, some steps of which are missing."""
    generator = np.random.default_rng(SEED)
    profiles = [MIX[row % len(MIX)] for row in range(n)]
    masks = generator.random((2, n, SEQ_LEN)) < VALID
    masks[:, :, -1] = True
    masks[0] &= np.array([[profile.has_audio] for profile in profiles])
    masks[1] &= np.array([[profile.has_face] for profile in profiles])
    audio, face, expression = (
        np.where(
            mask[..., None], generator.standard_normal((n, SEQ_LEN, width), np.float32), 0
        ).astype(np.float32)
        for mask, width in (
            (masks[0], AUDIO_DIM),
            (masks[1], FACE_DIM),
            (masks[1], EXPRESSION_DIM),
        )
    )
    indices = np.array([PROFILES.index(profile) for profile in profiles], np.int8)
    return SequenceBatch(audio, face, expression, masks[0], masks[1], indices)


def _models(transform: FeatureTransform, ensemble: Ensemble, batch: SequenceBatch) -> Subjects:
    n, features = len(batch), transform.apply(batch)
    return {
        ("features", n): Timed(lambda _: transform.apply(batch), n),
        ("transformer", n): Timed(lambda _: ensemble.transformer.logits(batch), n),
        ("linear", n): Timed(lambda _: ensemble.linear.logits(batch), n),
        ("trees", n): Timed(lambda _: ensemble.trees.logits(features.tree_columns), n),
        ("forests", n): Timed(lambda _: ensemble.gate.judge(features), n),
        ("features and ensemble", n): Timed(lambda _: ensemble.predict(transform.apply(batch)), n),
    }
