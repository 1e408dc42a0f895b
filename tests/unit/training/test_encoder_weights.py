import json
from pathlib import Path

import pytest

from hoovik.errors import ConfigurationError
from training.config import EncoderFits, TrainingConfig
from training.encoder_weights import FIGURES, ready_encoders
from training.splits import Split

NOBODY = {split: [] for split in Split}
WEIGHTS = "audio_encoder.safetensors"


def config(seed: int = 0) -> TrainingConfig:
    return TrainingConfig.model_validate(
        {"corpora": ["emodb:emodb"], "fit": EncoderFits(), "plan": {"seed": seed}}
    )


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A work folder in which both encoders are fitted."""
    folder = tmp_path / "work" / "encoders"
    folder.mkdir(parents=True)
    (folder / WEIGHTS).write_bytes(b"fitted")
    (folder / FIGURES).write_text(json.dumps({"audio": {"n_clips": 3}, "face": {}}))
    return folder.parent


def test_what_was_fitted_is_not_fitted_again(out: Path, work: Path) -> None:
    for _ in range(2):
        figures = ready_encoders(config(), NOBODY, out=out, work=work, given=None)
        assert figures["audio"] == {"n_clips": 3}
        assert (out / WEIGHTS).read_bytes() == b"fitted"


def test_what_was_fitted_in_another_way_is_refused(out: Path, work: Path) -> None:
    ready_encoders(config(), NOBODY, out=out, work=work, given=None)
    with pytest.raises(ConfigurationError, match="another training file or seed"):
        ready_encoders(config(seed=1), NOBODY, out=out, work=work, given=None)


def test_given_weights_are_taken_as_they_are(out: Path, work: Path, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / WEIGHTS).write_bytes(b"given")
    assert ready_encoders(config(), NOBODY, out=out, work=work, given=given) == {}
    assert (out / WEIGHTS).read_bytes() == b"given"
