from pathlib import Path

import numpy as np

from hoovik.features.sequence import PROFILES
from hoovik.models.linear import LinearModel, linear_columns
from hoovik.models.probability import softmax
from hoovik.schema.emotion import Profile
from tests.unit.training.synthetic import SyntheticSource
from training.build.linear import fit_linear
from training.build.metrics import balanced_accuracy
from training.build.samples import draw_set


def test_what_is_written_tells_classes_apart_in_every_profile(tmp_path: Path) -> None:
    source, rng = SyntheticSource.seeded(0), np.random.default_rng(1)
    training = draw_set(source, 900, rng, single_share=0.6)
    drawn = draw_set(source, 600, rng, single_share=0.6)
    held_out = {
        profile: drawn[np.flatnonzero(drawn.sequences.profiles == index)]
        for index, profile in enumerate(PROFILES)
    }
    fitted = fit_linear(training, held_out, tmp_path / "linear.safetensors")
    loaded = LinearModel.from_file(tmp_path / "linear.safetensors")
    for index, profile in enumerate(Profile):
        samples = held_out[profile]
        logits = loaded.logits(samples.sequences)
        assert np.array_equal(logits, fitted.logits(samples.sequences))
        assert balanced_accuracy(softmax(logits), samples.labels) > 0.9
        # Columns of an absent modality say nothing, whatever stands in them.
        silent = np.ptp(linear_columns(samples.sequences), axis=0) == 0
        assert not loaded.weights[index][:, silent].any()
        assert silent.any() == (profile is not Profile.BOTH)
