"""The command as a user types it, with few repetitions and random weights."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bench.audio_rates import BATCHES, LEAST_ROUNDS
from commands.main import app
from hoovik.audio.precision import candidates

EMBEDDED = [
    "embedded_face_tracked",
    "embedded_face_searched",
    "embedded_audio_1",
    "embedded_audio_4",
    "embedded_audio_16",
]
MEDIAPIPE = [
    "mediapipe_face_tracked",
    "mediapipe_face_searched",
    "mediapipe_face_all_cores",
]


def bench_encoders(report: Path, *arguments: str) -> Result:
    short = ["--untrained", "--no-wav2vec2", "--repetitions", "2", "--rate-seconds", "0"]
    return CliRunner().invoke(app, ["bench", "encoders", *short, "--json", str(report), *arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("encoders")


@pytest.fixture(scope="module")
def answer(folder: Path) -> Result:
    answer = bench_encoders(folder / "report.json")
    assert answer.exit_code == 0, answer.output
    return answer


@pytest.fixture(scope="module")
def figures(answer: Result, folder: Path) -> dict[str, Any]:
    return json.loads((folder / "report.json").read_text())


def test_every_embedded_encoder_has_its_figures(figures: dict[str, Any]) -> None:
    assert list(figures) == ["encoders", "ratios", "audio_rates", "machine"]
    assert list(figures["encoders"]) == EMBEDDED
    for figure in figures["encoders"].values():
        assert list(figure) == ["median_ms", "p95_ms", "n", "batch", "untrained"]
        assert 0 < figure["median_ms"] <= figure["p95_ms"] < 5000
        assert figure["n"] == 2
        assert figure["untrained"] is True
    assert [figures["encoders"][name]["batch"] for name in EMBEDDED] == [1, 1, 1, 4, 16]


def test_ratios_are_of_medians_and_of_what_was_timed(figures: dict[str, Any]) -> None:
    assert figures["ratios"]
    for pair, ratio in figures["ratios"].items():
        slow, fast = (figures["encoders"][name]["median_ms"] for name in pair.split(" / "))
        assert ratio == pytest.approx(slow / fast)


def test_each_batch_and_type_has_its_rate_and_its_share_of_the_ceiling(
    figures: dict[str, Any],
) -> None:
    on_cpu = [rate for rate in figures["audio_rates"] if rate["device"] == "cpu"]
    types = [str(dtype).removeprefix("torch.") for dtype in candidates("cpu")]
    assert [(rate["dtype"], rate["batch"]) for rate in on_cpu] == list(product(types, BATCHES))
    for rate in on_cpu:
        assert (rate["encoder"], rate["threads"], rate["rounds"]) == ("embedded", 1, LEAST_ROUNDS)
        # A window of 57 frames takes the embedded network 92 million operations.
        per_window = 1e9 * rate["gflops"] / rate["windows_per_s"]
        assert per_window == pytest.approx(92_168_832)
        assert rate["ceiling_gflops"] > 0
        assert rate["share"] > 0


def test_the_rates_stand_in_a_table_that_fits(answer: Result) -> None:
    assert "embedded float32" in answer.output
    assert "windows/s" in answer.output


def test_the_machine_is_named(figures: dict[str, Any], answer: Result) -> None:
    machine = figures["machine"]
    assert machine["cores"] >= 1
    assert machine["load_average"] >= 0
    assert machine["processor"] in answer.output


def test_what_is_left_out_is_said(answer: Result) -> None:
    assert "MediaPipe is left out" in answer.output
    assert "wav2vec2 is left out" in answer.output
    assert not any(name in answer.output for name in MEDIAPIPE)


@pytest.mark.data
def test_mediapipe_is_timed_on_one_core_and_on_all(data: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    landmarker = data / "models" / "face_landmarker.task"
    answer = bench_encoders(report, "--no-rates", "--landmarker", str(landmarker))
    assert answer.exit_code == 0, answer.output
    assert "MediaPipe is left out" not in answer.output
    figures = json.loads(report.read_text())
    assert figures["audio_rates"] == []
    assert list(figures["encoders"]) == EMBEDDED + MEDIAPIPE
    assert not any(figures["encoders"][name]["untrained"] for name in MEDIAPIPE)
    assert "mediapipe_face_tracked / embedded_face_tracked" in figures["ratios"]


def test_a_landmarker_that_is_not_there_is_refused(tmp_path: Path) -> None:
    missing = tmp_path / "none.task"
    answer = bench_encoders(tmp_path / "report.json", "--landmarker", str(missing))
    assert answer.exit_code == 2
    assert "does not exist" in answer.output
    assert not (tmp_path / "report.json").exists()
