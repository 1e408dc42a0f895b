"""The bundles that ship."""

import numpy as np
import pytest

from hoovik.features.sequence import SequenceBatch, build_sequence
from hoovik.layout import AUDIO_DIM, FACE_DIM
from hoovik.models.bundle import Bundle, open_bundle
from hoovik.schema.emotion import Profile
from hoovik.settings import MODEL_ARTIFACTS, Settings

PROFILES = ("embedded", "whisper")
MOST_BYTES = 46_000_000
"""Of all of them together: who clones the repository waits for them."""


@pytest.mark.parametrize("name", PROFILES)
def test_it_is_whole_and_answers_with_and_without_a_modality(name: str) -> None:
    settings = Settings(
        bundle=MODEL_ARTIFACTS / name,
        audio={"encoder": name},  # type: ignore[arg-type]
    )
    bundle = open_bundle(settings)
    transform, ensemble = bundle.load_transform(), bundle.load_ensemble()
    rng = np.random.default_rng(0)
    times_s = 0.3 * np.arange(10)
    sequences = [
        build_sequence(
            times_s,
            list(rng.standard_normal((10, AUDIO_DIM), np.float32)),
            times_s,
            rng.standard_normal((10, FACE_DIM), np.float32),
            profile,
        )
        for profile in Profile
    ]
    answers = ensemble.predict(transform.apply(SequenceBatch.stack(sequences)))
    assert len(answers) == len(Profile)
    for answer in answers:
        assert answer.probs.sum() == pytest.approx(1, abs=1e-5)
        # Random vectors are nobody's.
        assert answer.anomaly_score < 0.02
    voices = bundle.load_voices()
    assert voices is not None
    assert np.isfinite(voices.mean).all()
    assert voices.mean.any()


def test_they_are_small_enough_for_a_clone() -> None:
    bundles = [Bundle.open(MODEL_ARTIFACTS / name).manifest for name in PROFILES]
    assert sum(file.bytes for bundle in bundles for file in bundle.files.values()) < MOST_BYTES


def test_they_read_faces_alike() -> None:
    mine, theirs = (Bundle.open(MODEL_ARTIFACTS / name).manifest.files for name in PROFILES)
    for file in ("face_detector.safetensors", "face_encoder.safetensors"):
        assert mine[file] == theirs[file]
