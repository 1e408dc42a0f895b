"""The command as a user types it, with few repetitions and random weights."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bench.models import BATCHES, sequences
from commands.main import app
from hoovik.features.sequence import PROFILES

EVERY_BATCH = [
    "statistics",
    "features",
    "transformer",
    "trees",
    "forests",
    "whole",
    "walk",
    "walk, XGBoost's own",
    "isolation",
    "isolation, scikit-learn",
]
FACES = ["decode 640x360", "decode 1280x720, in colour", "crop", "student", "face"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def answer(folder: Path) -> Result:
    short = ["--untrained", "--rounds", "3", "--repetitions", "2"]
    answer = CliRunner().invoke(
        app, ["bench", "models", *short, "--json", str(folder / "report.json")]
    )
    assert answer.exit_code == 0, answer.output
    return answer


@pytest.fixture(scope="module")
def figures(answer: Result, folder: Path) -> dict[str, Any]:
    return json.loads((folder / "report.json").read_text())


def test_every_part_has_its_figures(figures: dict[str, Any]) -> None:
    for name in EVERY_BATCH:
        assert list(figures["parts"][name]) == [str(size) for size in BATCHES]
    for name in FACES:
        assert "1" in figures["parts"][name]
    assert all(0 < ms < 5000 for sizes in figures["parts"].values() for ms in sizes.values())


def test_ratios_are_of_what_was_timed(figures: dict[str, Any]) -> None:
    assert "walk, XGBoost's own / walk" in figures["ratios"]
    for pair, by_batch in figures["ratios"].items():
        slow, fast = (figures["parts"][name] for name in pair.split(" / "))
        assert by_batch
        for size, ratio in by_batch.items():
            assert ratio == pytest.approx(slow[size] / fast[size])


def test_every_way_gives_the_same_answers(figures: dict[str, Any]) -> None:
    assert len(figures["differences"]) >= 4
    assert all(difference < 1e-5 for difference in figures["differences"].values())


def test_what_is_left_out_is_said(figures: dict[str, Any], answer: Result) -> None:
    assert ("treelite" in figures["left_out"]) == (find_spec("treelite") is None)
    for name in figures["left_out"]:
        assert f"{name} is left out" in answer.output


def test_the_sequences_are_of_every_profile() -> None:
    batch = sequences(8)
    assert set(batch.profiles.tolist()) == set(range(len(PROFILES)))
    for row, index in enumerate(batch.profiles):
        assert batch.face_mask[row].any() == PROFILES[index].has_face
        assert batch.audio_mask[row].any() == PROFILES[index].has_audio
    assert not batch.audio[~batch.audio_mask].any()
