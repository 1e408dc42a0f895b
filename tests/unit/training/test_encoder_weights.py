import json
from pathlib import Path

import pytest

from hoovik.errors import ConfigurationError
from hoovik.face.encoder import EXPRESSION_FILE
from training.config import EncoderFits, EncoderNames, TrainingConfig
from training.encoder_weights import FIGURES, FIT, ready_encoders
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
    """A work folder in which the encoders are fitted."""
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


def test_weights_that_the_models_do_not_read_are_left_out(out: Path, work: Path) -> None:
    (work / "encoders" / "face_encoder.safetensors").write_bytes(b"face")
    whisper = config().model_copy(update={"encoders": EncoderNames(audio="whisper")})
    ready_encoders(whisper, NOBODY, out=out, work=work, given=work / "encoders")
    assert [file.name for file in out.iterdir()] == ["face_encoder.safetensors"]


def test_what_was_fitted_before_there_was_more_to_fit_is_kept(out: Path, work: Path) -> None:
    ready_encoders(config(), NOBODY, out=out, work=work, given=None)
    note = work / "encoders" / FIT
    earlier = {
        key: value for key, value in json.loads(note.read_text()).items() if key != "expression"
    }
    note.write_text(json.dumps(earlier))
    assert ready_encoders(config(), NOBODY, out=out, work=work, given=None)["audio"]
    with pytest.raises(ConfigurationError, match="another training file or seed"):
        ready_encoders(config(seed=1), NOBODY, out=out, work=work, given=None)


def test_without_votes_no_expression_is_fitted(out: Path, work: Path) -> None:
    figures = ready_encoders(config(), NOBODY, out=out, work=work, given=None)
    assert figures["expression"] == {}
    assert not (out / EXPRESSION_FILE).exists()


def test_given_weights_are_taken_as_they_are(out: Path, work: Path, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / WEIGHTS).write_bytes(b"given")
    assert ready_encoders(config(), NOBODY, out=out, work=work, given=given) == {}
    assert (out / WEIGHTS).read_bytes() == b"given"
