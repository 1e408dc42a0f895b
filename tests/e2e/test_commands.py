"""The command line, as a user types it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from bench.ports import free_port
from commands.main import app

HOOVIK = Path(sys.executable).with_name("hoovik")
COMMANDS = ("serve", "demo", "settings", "bundle", "bench")

pytestmark = pytest.mark.timeout(240)


def hoovik(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [HOOVIK, *map(str, arguments)],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def test_help_names_every_command() -> None:
    answer = hoovik("--help")
    assert answer.returncode == 0
    for command in COMMANDS:
        assert command in answer.stdout
        assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0


def test_help_waits_for_no_models() -> None:
    heavy = "{'torch', 'xgboost', 'sklearn', 'ray.serve'}"
    code = f"""
import sys
from typer.testing import CliRunner
from commands.main import EXTRAS, app
assert CliRunner().invoke(app, ["--help"]).exit_code == 0
assert {{f"commands.{{name}}" for name in EXTRAS}} <= sys.modules.keys()
assert not {heavy} & sys.modules.keys()
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_demo_plays_through_a_running_service(service: str, tmp_path: Path) -> None:
    report = tmp_path / "demo.json"
    answer = hoovik("demo", "--no-serve", "--url", service, "--seconds", "6", "--json", report)
    assert answer.returncode == 0, answer.stderr
    summary = json.loads(report.read_text())
    assert set(summary) == {"participants", "errors"}
    assert summary["errors"] == []
    assert set(summary["participants"]) == {"mira", "jonas"}
    for counts in summary["participants"].values():
        wanted = {"results", "live_seconds", "results_per_s", "profiles", "anomalies", "latency_ms"}
        assert wanted <= set(counts)
        assert counts["results_per_s"] >= 2.8
        assert set(counts["latency_ms"]) == {"p50", "p95"}


def test_the_demo_says_where_no_service_is() -> None:
    answer = hoovik("demo", "--no-serve", "--url", "http://127.0.0.1:9")
    assert answer.returncode == 1
    assert "SERVICE_DOWN" in answer.stderr


def test_the_demo_says_what_is_no_recording(service: str, tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    answer = hoovik("demo", text, "--no-serve", "--url", service)
    assert answer.returncode == 1
    assert "BAD_MEDIA" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.slow
@pytest.mark.data
def test_real_recordings_get_results(service: str, data: Path, tmp_path: Path) -> None:
    recordings = sorted((data / "recordings").glob("*.mp4"))
    assert len(recordings) == 7
    for pair in (recordings[start : start + 2] for start in range(0, len(recordings), 2)):
        report = tmp_path / "recordings.json"
        answer = hoovik("demo", *pair, "--no-serve", "--url", service, "--json", report)
        assert answer.returncode == 0, answer.stderr
        participants = json.loads(report.read_text())["participants"]
        for recording in pair:
            counts = participants[recording.stem]
            assert counts["results_per_s"] >= 2.8, (recording.name, counts)


@pytest.mark.slow
def test_the_demo_starts_and_stops_a_service_of_its_own(tmp_path: Path) -> None:
    port, report = str(free_port()), tmp_path / "demo.json"
    # Short, because Ray makes the paths of its sockets from it.
    logs = Path(tempfile.mkdtemp(prefix="hoovik-", dir="/tmp"))
    answer = hoovik(
        "demo",
        "--stay",
        "--seconds",
        "5",
        "--json",
        report,
        HOOVIK_SERVE__PORT=port,
        RAY_TMPDIR=str(logs),
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert json.loads(report.read_text())["participants"]["mira"]["results"] >= 5
    assert "Traceback" not in answer.stdout + answer.stderr
    left = [
        one for one in psutil.process_iter() if _environment(one).get("HOOVIK_SERVE__PORT") == port
    ]
    assert psutil.wait_procs(left, timeout=15)[1] == []
    # Of this project's processes. Ray's own agents quarrel over their ports with those of the other
    # service on this machine, and its proxy logs a client that leaves while a result is on its way.
    written = [file for file in logs.rglob("*") if file.match("serve/replica_*.log")]
    written += [
        file for file in logs.rglob("worker-*-01000000-*") if file.suffix in (".err", ".out")
    ]
    assert len(written) >= 12
    assert [file.name for file in written if "Traceback" in file.read_text(errors="ignore")] == []
    shutil.rmtree(logs)


def test_the_shipped_bundle_verifies_and_shows() -> None:
    verified = hoovik("bundle", "verify")
    assert verified.returncode == 0, verified.stderr
    shown = json.loads(hoovik("bundle", "show").stdout)
    assert shown["encoders"] == {"audio": "embedded", "face": "embedded"}
    assert set(shown["files"]) > {"transformer.safetensors", "trees.ubj"}


def test_a_bundle_for_other_encoders_is_refused_by_name() -> None:
    answer = hoovik("serve", HOOVIK_AUDIO__ENCODER="wav2vec2")
    assert answer.returncode == 1
    assert "'embedded'" in answer.stderr
    assert "'wav2vec2'" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.parametrize("encoders", ["embedded", "reference"])
def test_the_bench_measures_both_encoder_profiles(
    encoders: str, data: Path, tmp_path: Path
) -> None:
    report = tmp_path / "bench.json"
    options = (
        "--participants",
        "1",
        "--seconds",
        "5",
        "--warm",
        "--encoders",
        encoders,
        "--untrained",
    )
    answer = hoovik(
        "bench", "live", *options, "--json", report,
        HOOVIK_SERVE__PORT=str(free_port()),
        HOOVIK_FACE__LANDMARKER=str(data / "models" / "face_landmarker.task"),
    )  # fmt: skip
    assert answer.returncode == 0, answer.stdout + answer.stderr
    figures = json.loads(report.read_text())
    assert figures["results_per_s"] > 1
    assert figures["share"] == pytest.approx(0.3 * figures["results_per_s"])
    assert figures["first_result_s"]["n"] == 1
    assert figures["latency_ms"]["p50"] > 0
    assert set(figures["shell_ms"]) == set(figures["cpu_seconds"]) - {"load generator"}
    assert 0 < figures["shell_ms_per_result"] < figures["cpu_ms_per_result"]
    assert figures["untrained"] is True


@pytest.mark.slow
def test_rooms_are_opened_and_left_idle(tmp_path: Path) -> None:
    report = tmp_path / "rooms.json"
    options = ("--open", "6", "--within", "3", "--idle", "6", "--seconds", "5")
    answer = hoovik("bench", "rooms", *options, "--json", report)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    figures = json.loads(report.read_text())
    opened, idle = figures["opened"], figures["idle"]
    assert opened["first_result_s"]["n"] + opened["refused_s"]["n"] == 6
    assert opened["first_result_s"]["p50"] > 0.3  # a time step has to close
    assert idle["rooms"] == 6
    assert idle["processes"]["Ingress"] == 1
    assert idle["cpu_share"] > 0


@pytest.mark.slow
def test_a_call_has_its_cost_by_every_way(tmp_path: Path) -> None:
    report = tmp_path / "calls.json"
    answer = hoovik("bench", "calls", "--calls", "60", "--json", report)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    costs = json.loads(report.read_text())
    assert len(costs) == 4
    for cost in costs:
        assert cost["p50_ms"] > 0.1, cost
    by_actors, *_, by_socket = costs
    assert by_actors["caller_ms"] + by_actors["callee_ms"] > 2 * (
        by_socket["caller_ms"] + by_socket["callee_ms"]
    )


@pytest.mark.slow
def test_the_bench_holds_the_service_against_the_baseline(tmp_path: Path) -> None:
    report = tmp_path / "compare.json"
    options = (
        "--participants",
        "2",
        "--rooms",
        "2",
        "--seconds",
        "5",
        "--warmup",
        "3",
        "--rounds",
        "1",
    )
    answer = hoovik("bench", "compare", *options, "--encoders", "embedded", "--json", report)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    figures = json.loads(report.read_text())
    service, baseline = figures["service"], figures["baseline"]
    for side in (service, baseline):
        assert side["results_per_s"] > 2
        assert side["slowest_per_s"] > 1
        assert side["cpu_ms_per_result"] > 1
        assert side["memory_mb"]["rss"] > side["memory_mb"]["pss"] > 100
    assert figures["ratio"]["results_per_s"] == service["results_per_s"] / baseline["results_per_s"]
    assert figures["ratio"]["p95"] == service["latency_ms"]["p95"] / baseline["latency_ms"]["p95"]
    assert [one["system"] for one in figures["rounds"]] == ["baseline", "service"]
    assert set(figures["rounds"][0]["cpu_seconds"]) == {"main process", "load generator"}
    assert set(figures["rounds"][1]["cpu_seconds"]) > {"AudioFeatures", "Ingress", "load generator"}


@pytest.mark.slow
def test_a_burst_is_told_in_phases(tmp_path: Path) -> None:
    report = tmp_path / "burst.json"
    options = ("--participants", "2", "--warmup", "3", "--around", "6", "--burst-seconds", "6")
    answer = hoovik("bench", "burst", *options, "--no-heed", "--json", report)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    phases = json.loads(report.read_text())["phases"]
    assert phases["before"]["frames_per_s"] == pytest.approx(10, rel=0.2)
    assert phases["during"]["frames_per_s"] == pytest.approx(60, rel=0.2)
    assert phases["after"]["frames_per_s"] == pytest.approx(10, rel=0.2)
    assert all(phase["results_per_s"] > 1 for phase in phases.values())


@pytest.mark.slow
def test_a_soak_kills_and_counts(tmp_path: Path) -> None:
    report = tmp_path / "soak.json"
    options = (
        "--participants",
        "2",
        "--minutes",
        "1",
        "--kill-every",
        "20",
        "--action-every",
        "10",
    )
    answer = hoovik("bench", "soak", *options, "--json", report)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    figures = json.loads(report.read_text())
    assert len(figures["kills"]) >= 2
    assert len(figures["samples"]) >= 4
    assert all(sample["held"]["all"]["processes"] > 10 for sample in figures["samples"])
    assert set(figures["growth_per_min"]) > {"all", "Ingress", "Ensemble"}
    results = figures["results"]
    assert 100 < results["counted"] <= results["owed"] * 1.05
    assert figures["rooms_left"] == 0


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except psutil.Error:
        return {}
