from dataclasses import replace

import numpy as np
import pytest

from hoovik.errors import BundleError
from hoovik.features.sequence import PROFILES, SequenceBatch
from hoovik.layout import AUDIO_DIM, EXPRESSION_DIM, FACE_DIM
from hoovik.models.linear import COLUMNS, LinearModel, linear_columns
from hoovik.models.untrained import untrained_linear
from hoovik.schema.emotion import Profile
from tests.unit.features.scenes import mixed


def one_voice() -> SequenceBatch:
    """Two steps of a voice, 1 and 3 throughout, and rubbish where masked."""
    audio = np.full((1, 10, AUDIO_DIM), 99, np.float32)
    audio[0, 8:] = np.array([[1.0], [3.0]])
    mask = np.arange(10)[None] >= 8
    face, expression = (
        np.zeros((1, 10, width), np.float32) for width in (FACE_DIM, EXPRESSION_DIM)
    )
    index = PROFILES.index(Profile.AUDIO_ONLY)
    faceless = np.zeros((1, 10), bool)
    return SequenceBatch(audio, face, expression, mask, faceless, np.array([index], np.int8))


def test_columns_are_of_the_steps_that_count() -> None:
    columns = linear_columns(one_voice())
    assert columns.shape == (1, COLUMNS)
    means, deviations = columns[0, : COLUMNS // 2], columns[0, COLUMNS // 2 :]
    assert (means[:AUDIO_DIM] == 2).all()
    assert (deviations[:AUDIO_DIM] == 1).all()
    assert not means[AUDIO_DIM:].any()
    assert not deviations[AUDIO_DIM:].any()


def test_each_profile_has_its_weights() -> None:
    model = LinearModel(np.zeros((3, 6, COLUMNS), np.float32), np.zeros((3, 6), np.float32))
    index = PROFILES.index(Profile.AUDIO_ONLY)
    model.weights[index, 4, 0], model.biases[index, 3] = 0.5, 7
    assert model.logits(one_voice())[0].tolist() == [0, 0, 0, 7, 1, 0]
    others = replace(one_voice(), profiles=np.array([PROFILES.index(Profile.BOTH)], np.int8))
    assert not model.logits(others).any()


def test_a_batch_is_its_sequences_one_by_one() -> None:
    model, batch = untrained_linear(0), mixed(12)
    together = model.logits(batch)
    alone = [model.logits(batch[row : row + 1])[0] for row in range(12)]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_weights_of_other_columns_are_refused() -> None:
    arrays = untrained_linear(0).to_arrays()
    with pytest.raises(BundleError, match="2711"):
        LinearModel.from_arrays({**arrays, "weights": arrays["weights"][..., :-1]})
