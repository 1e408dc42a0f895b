"""The command as a user types it, with few repetitions and random weights."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from bench.encoders import FRAMES, WINDOWS
from bench.models import BATCHES, sequences, told_for_one
from commands.main import app
from hoovik.audio.precision import candidates
from hoovik.features.sequence import PROFILES

MODELS = ["features", "transformer", "linear", "trees", "forests", "features and ensemble"]
NAMES = ["embedded", "whisper"]
MEDIAPIPE = ["face, MediaPipe", "face, MediaPipe, searched", "face, MediaPipe, all cores"]


def bench_models(report: Path, *arguments: str) -> Result:
    short = ["--untrained", "--no-wav2vec2", "--rounds", "3", "--repetitions", "2"]
    return CliRunner().invoke(
        app, ["bench", "models", *short, "--json", str(report), *arguments], env={"COLUMNS": "100"}
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def answer(folder: Path) -> Result:
    answer = bench_models(folder / "report.json")
    assert answer.exit_code == 0, answer.output
    return answer


@pytest.fixture(scope="module")
def figures(answer: Result, folder: Path) -> dict[str, Any]:
    return json.loads((folder / "report.json").read_text())


def test_every_model_has_its_time_for_each_batch(figures: dict[str, Any]) -> None:
    words = [str(dtype).removeprefix("torch.") for dtype in candidates("cpu")]
    batches = {
        **{f"audio, {name}, {word}": WINDOWS for name in NAMES for word in words},
        "decode 640x360": (1,),
        "decode 640x360, in colour": (1,),
        "decode 1280x720": (1,),
        "decode 1280x720, in colour": (1,),
        "face, searched": (1,),
        "face": FRAMES,
        **dict.fromkeys(MODELS, BATCHES),
    }
    on_cpu = {part: of for part, of in figures["median_ms"].items() if "cuda" not in part}
    assert {part: tuple(map(int, of)) for part, of in on_cpu.items()} == batches
    for part, by_batch in figures["median_ms"].items():
        for batch, median_ms in by_batch.items():
            assert 0 < median_ms <= figures["p95_ms"][part][batch] < 5000


def test_a_call_of_many_is_told_for_one_of_them() -> None:
    told = told_for_one({("face", 1): np.array([3.0, 3, 3]), ("face", 4): np.array([8.0, 8, 8])})
    assert told == {"median_ms": {"face": {1: 3, 4: 2}}, "p95_ms": {"face": {1: 3, 4: 2}}}


def test_the_table_has_a_row_for_each(figures: dict[str, Any], answer: Result) -> None:
    for part, by_batch in figures["median_ms"].items():
        row = next(line for line in answer.output.splitlines() if f" {part} " in line)
        assert f"{by_batch['1']:.2f}" in row
    assert figures["machine"]["processor"] in answer.output


def test_what_is_left_out_is_said(answer: Result) -> None:
    assert "MediaPipe is left out" in answer.output
    assert "wav2vec2 is left out" in answer.output
    assert not any(name in answer.output for name in MEDIAPIPE)


@pytest.mark.data
def test_mediapipe_is_timed_on_one_core_and_on_all(data: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    answer = bench_models(report, "--landmarker", str(data / "models" / "face_landmarker.task"))
    assert answer.exit_code == 0, answer.output
    assert "MediaPipe is left out" not in answer.output
    assert set(MEDIAPIPE) < set(json.loads(report.read_text())["median_ms"])


def test_a_landmarker_that_is_not_there_is_refused(tmp_path: Path) -> None:
    missing = tmp_path / "none.task"
    answer = bench_models(tmp_path / "report.json", "--landmarker", str(missing))
    assert answer.exit_code == 2
    assert "does not exist" in " ".join(answer.output.replace("│", " ").split())
    assert not (tmp_path / "report.json").exists()


def test_the_sequences_are_of_every_profile() -> None:
    batch = sequences(8)
    assert set(batch.profiles.tolist()) == set(range(len(PROFILES)))
    for row, index in enumerate(batch.profiles):
        assert batch.face_mask[row].any() == PROFILES[index].has_face
        assert batch.audio_mask[row].any() == PROFILES[index].has_audio
    assert not batch.audio[~batch.audio_mask].any()
