"""`hoovik replay` as an analyst types it: each run has a Ray of its own."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile

from bench.load import SAMPLE_MEETING
from replay.timeline import RESULTS_SCHEMA
from tests.e2e.odd_recordings import make_odd_recordings
from tests.e2e.test_commands import HOOVIK, hoovik

MARK = -0.125

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("replays")


@pytest.fixture(scope="module")
def run(out: Path) -> subprocess.CompletedProcess[str]:
    """The sample meeting, a file that is not there, and whatever is odd."""
    inputs = out / "inputs"
    inputs.mkdir()
    make_odd_recordings(inputs)
    odd = [inputs / "*.[mwf]*", inputs / "gone.mp4"]
    return hoovik("replay", SAMPLE_MEETING, *odd, "--out", out / "run")


def results_of(name: str, out: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Rows of a recording, and what the summary says of it."""
    folder = out / "run" / name
    (summary,) = json.loads((folder / "summary.json").read_text())["participants"]
    return pq.read_table(folder / "results.parquet").to_pylist(), summary


def test_what_cannot_be_read_is_said_and_stops_nothing(
    run: subprocess.CompletedProcess[str], out: Path
) -> None:
    assert run.returncode == 1
    said = run.stderr.replace("\n", "")
    faults = {
        Path(one["input"]).stem: one["reason"]
        for one in json.loads((out / "run" / "run.json").read_text())["faults"]
    }
    assert set(faults) == {"text", "nothing", "cut_front", "cut_back", "gone"}
    for name in faults:
        assert f"{out}/inputs/{name}.mp4: " in said
    assert "20.0 s" in faults["cut_front"]
    assert "Traceback" not in run.stderr
    assert "core_worker" not in run.stderr
    written = {Path(line).parent.name for line in run.stdout.split()}
    whole = {"meeting", "silence", "8_khz", "48_khz", "5_1", "no_face", "4k", "1_fps"}
    assert written == whole | {"cut_front"}


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("name", ["8_khz", "48_khz", "5_1"])
def test_a_voice_is_heard_at_any_rate_and_in_any_channel(name: str, out: Path) -> None:
    rows, summary = results_of(name, out)
    assert len(rows) >= 8
    assert {row["profile"] for row in rows} == {"audio_only"}
    assert summary["duration_s"] == pytest.approx(8, abs=0.05)


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(("name", "least"), [("4k", 15), ("1_fps", 10)])
def test_a_face_is_seen_at_any_size_and_rate(name: str, least: int, out: Path) -> None:
    rows, _ = results_of(name, out)
    assert len(rows) >= least
    assert {row["profile"] for row in rows} == {"video_only"}


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(("name", "length_s"), [("silence", 7.0), ("no_face", 5.8)])
def test_where_nothing_is_expressed_there_is_no_result_and_no_fault(
    name: str, length_s: float, out: Path
) -> None:
    rows, summary = results_of(name, out)
    assert rows == []
    assert (summary["fault"], summary["duration_s"]) == ("", pytest.approx(length_s, abs=0.05))


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


@pytest.mark.slow
@pytest.mark.data
def test_recordings_of_people_are_replayed(data: Path, out: Path) -> None:
    recordings = sorted((data / "recordings").glob("*.mp4"))
    glob = data / "recordings" / "*.mp4"
    answer = hoovik("replay", glob, "--no-report", "--out", out / "people")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split() == [str(out / "people" / one.stem) for one in recordings]
    for one in recordings:
        table = pq.read_table(out / "people" / one.stem / "results.parquet")
        assert table.num_rows >= 15
        assert not (out / "people" / one.stem / "report.html").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("run")
def test_a_killed_run_goes_on_from_what_it_has(out: Path) -> None:
    options = ("--chunk-s", "5", "--no-report", "--out", out / "killed")
    command = [HOOVIK, "replay", SAMPLE_MEETING, *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as killed:
        while len(chunks := list((out / "killed").glob(".replay/*/*/*.npz"))) < 4:
            assert killed.poll() is None, "the run ended before it could be killed"
            time.sleep(0.1)
        os.kill(killed.pid, signal.SIGKILL)
    assert not (out / "killed" / "meeting").exists()
    # What is not played again bears the mark.
    kept = max(chunks, key=lambda path: np.load(path)["time_s"].size)
    said = dict(np.load(kept))
    said["anomaly_score"] = np.full_like(said["anomaly_score"], MARK)
    np.savez(kept, **said)
    resumed = hoovik(*map(str, command[1:]))
    assert resumed.returncode == 0, resumed.stderr
    assert not list((out / "killed").glob(".replay/*/*"))
    # The other run took the meeting as one chunk.
    first, second = (
        pq.read_table(out / run / "meeting" / "results.parquet").to_pandas()
        for run in ("killed", "run")
    )
    marked = first["anomaly_score"] == np.float32(MARK)
    assert marked.sum() == said["time_s"].size > 0
    assert first.drop(columns="anomaly_score").equals(second.drop(columns="anomaly_score"))
    assert first["anomaly_score"][~marked].equals(second["anomaly_score"][~marked])


@pytest.mark.slow
def test_a_finished_run_is_not_played_again(out: Path) -> None:
    results = out / "killed" / "meeting" / "results.parquet"
    before = results.stat().st_mtime_ns
    assert hoovik("replay", SAMPLE_MEETING, "--no-report", "--out", out / "killed").returncode == 0
    assert results.stat().st_mtime_ns == before


def test_recordings_of_another_input_are_not_written_over(out: Path) -> None:
    other = out / "other" / "silence.flac"
    other.parent.mkdir()
    soundfile.write(other, np.zeros(16_000), 16_000)
    answer = hoovik("replay", other, "--out", out / "run")
    assert answer.returncode == 1
    assert "holds the results of" in answer.stderr.replace("\n", " ")
