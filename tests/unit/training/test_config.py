from pathlib import Path

import pytest

from hoovik.errors import ConfigurationError
from training.config import TrainingConfig, read_config

CONFIGS = Path(__file__).resolve().parents[3] / "training" / "configs"


def written(folder: Path, text: str) -> Path:
    path = folder / "training.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", [path.name for path in sorted(CONFIGS.glob("*.yaml"))])
def test_every_training_file_of_the_house_is_read(name: str, tmp_path: Path) -> None:
    config = read_config(CONFIGS / name, tmp_path)
    assert all(str(tmp_path) in corpus for corpus in config.corpora)


def test_the_curriculum_is_the_design_s() -> None:
    phases = TrainingConfig(corpora=("ravdess:x",)).plan.curriculum.phases
    assert [(phase.name, phase.epochs) for phase in phases] == [("A", 15), ("B", 40), ("C", 35)]
    assert [phase.single_share > 0 for phase in phases] == [False, True, True]
    assert [phase.averaged for phase in phases] == [False, False, True]
    assert {(phase.mixup_share, phase.mixup_alpha) for phase in phases[1:]} == {(0.22, 0.167)}
    assert {phase.modality_dropout for phase in phases[1:]} == {0.068}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("corpora: []", "corpora"),
        ("corpora: [ravdess:x]\nepochs: 3", "epochs"),
        ("corpora: [ravdess:x]\nplan: {takse: 3}", "takse"),
        ("corpora: [ravdess:x]\nplan: {curriculum: {phases: [{nmae: A}]}}", "nmae|name"),
        ("corpora: [ravdess:x]\nfit: {face: {student_epoch: 1}}", "student_epoch"),
        ("corpora: [ravdess:x]\nencoders: {audio: hubert}", "audio"),
        ("corpora: [ravdess:x", "cannot be read as YAML"),
    ],
)
def test_what_is_not_known_is_refused_by_name(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        read_config(written(tmp_path, text), tmp_path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.yaml"):
        read_config(tmp_path / "none.yaml", tmp_path)
