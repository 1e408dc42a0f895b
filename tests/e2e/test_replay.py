"""`hoovik replay` as an analyst types it: each run has a Ray of its own."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile

from bench.load import SAMPLE_MEETING
from bench.recordings import make_long_meeting
from replay.timeline import RESULTS_SCHEMA
from tests.e2e.test_commands import HOOVIK, hoovik

LONG_S = 72.0
MARK = -0.125

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("replays")


@pytest.fixture(scope="module")
def run(out: Path) -> subprocess.CompletedProcess[str]:
    """The sample meeting, silence, and three files that are none."""
    inputs = out / "inputs"
    inputs.mkdir()
    (inputs / "text.mp4").write_text("this is no video\n" * 50)
    (inputs / "nothing.mp4").touch()
    soundfile.write(inputs / "silence.flac", np.zeros(48_000 * 7), 48_000)
    names = ("text.mp4", "nothing.mp4", "silence.flac", "gone.mp4")
    return hoovik("replay", SAMPLE_MEETING, *(inputs / one for one in names), "--out", out / "run")


def test_what_cannot_be_read_is_said_and_stops_nothing(
    run: subprocess.CompletedProcess[str], out: Path
) -> None:
    assert run.returncode == 1
    said = run.stderr.replace("\n", "")
    for name in ("text.mp4", "nothing.mp4", "gone.mp4"):
        assert f"{out}/inputs/{name}: " in said
    assert "Traceback" not in run.stderr
    assert "core_worker" not in run.stderr
    reports = [str(out / "run" / name / "report.html") for name in ("meeting", "silence")]
    assert run.stdout.split() == reports
    faults = json.loads((out / "run" / "run.json").read_text())["faults"]
    assert sorted(Path(one["input"]).name for one in faults) == [
        "gone.mp4",
        "nothing.mp4",
        "text.mp4",
    ]


@pytest.mark.usefixtures("run")
def test_a_meeting_has_all_its_outputs(out: Path) -> None:
    folder = out / "run" / "meeting"
    assert {path.name for path in folder.iterdir()} == {
        "results.parquet",
        "results.jsonl",
        "01-mira.vtt",
        "02-jonas.vtt",
        "summary.json",
        "report.html",
    }
    table = pq.read_table(folder / "results.parquet")
    assert table.schema.equals(RESULTS_SCHEMA)
    rows = table.to_pylist()
    assert len(rows) > 150
    assert [json.loads(line) for line in (folder / "results.jsonl").open()] == rows
    for row in rows:
        assert sum(value for name, value in row.items() if name.startswith("p_")) == pytest.approx(
            1, abs=1e-3
        )
    summary = json.loads((folder / "summary.json").read_text())
    assert [one["results"] for one in summary["participants"]] == [
        sum(row["participant"] == name for row in rows) for name in ("mira", "jonas")
    ]
    assert summary["bundle"] == rows[0]["bundle"]
    assert (folder / "01-mira.vtt").read_text().startswith("WEBVTT")


@pytest.mark.usefixtures("run")
def test_silence_is_a_meeting_without_results(out: Path) -> None:
    assert pq.read_table(out / "run" / "silence" / "results.parquet").num_rows == 0
    summary = json.loads((out / "run" / "silence" / "summary.json").read_text())
    (one,) = summary["participants"]
    assert (one["results"], one["fault"], one["duration_s"]) == (0, "", pytest.approx(7, abs=0.01))


def test_a_killed_run_goes_on_from_what_it_has(out: Path) -> None:
    make_long_meeting(SAMPLE_MEETING, out / "long", LONG_S)
    command = [HOOVIK, "replay", out / "long", "--chunk-s", "5", "--out", out / "killed"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as killed:
        while len(chunks := list((out / "killed").glob(".replay/*/*/*.npz"))) < 4:
            assert killed.poll() is None, "the run ended before it could be killed"
            time.sleep(0.1)
        os.kill(killed.pid, signal.SIGKILL)
    assert not (out / "killed" / "long").exists()
    # What is not played again bears the mark.
    kept = max(chunks, key=lambda path: np.load(path)["time_s"].size)
    said = dict(np.load(kept))
    said["anomaly_score"] = np.full_like(said["anomaly_score"], MARK)
    np.savez(kept, **said)
    resumed = hoovik(*map(str, command[1:]))
    assert resumed.returncode == 0, resumed.stderr
    assert not list((out / "killed").glob(".replay/*/*"))
    assert (
        hoovik("replay", out / "long", "--chunk-s", "3600", "--out", out / "whole").returncode == 0
    )
    first, second = (
        pq.read_table(out / run / "long" / "results.parquet").to_pandas()
        for run in ("killed", "whole")
    )
    marked = first["anomaly_score"] == np.float32(MARK)
    assert marked.sum() == said["time_s"].size > 0
    assert first.drop(columns="anomaly_score").equals(second.drop(columns="anomaly_score"))
    assert first["anomaly_score"][~marked].equals(second["anomaly_score"][~marked])


def test_a_finished_run_is_not_played_again(out: Path) -> None:
    name = "results.parquet"
    before = (out / "whole" / "long" / name).stat().st_mtime_ns
    assert hoovik("replay", out / "long", "--out", out / "whole").returncode == 0
    assert (out / "whole" / "long" / name).stat().st_mtime_ns == before


def test_recordings_of_another_input_are_not_written_over(out: Path) -> None:
    other = out / "other" / "silence.flac"
    other.parent.mkdir()
    soundfile.write(other, np.zeros(16_000), 16_000)
    answer = hoovik("replay", other, "--out", out / "run")
    assert answer.returncode == 1
    assert "holds the results of" in answer.stderr.replace("\n", " ")
