import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.capacity.cell import simulate
from bench.capacity.derive import derive
from bench.capacity.load import Load
from bench.capacity.measured import Measured, Shell, read_measured
from bench.capacity.processes import POOLS, cores_by_process
from bench.capacity.service import Hardware
from tests.unit.bench.capacity.costs import flat

ENCODERS = {
    "encoders": {
        "embedded_face_tracked": {"median_ms": 3.0, "batch": 1},
        "embedded_audio_1": {"median_ms": 4.0, "batch": 1},
        "wav2vec2_audio_1": {"median_ms": 200.0, "batch": 1},
        "mediapipe_face_tracked": {"median_ms": 10.0, "batch": 1},
    },
    "machine": {"processor": "made up", "cores": 2, "torch": "2.13.0"},
}
MODELS = {
    "parts": {
        "features": {"1": 3.0},
        "whole": {"1": 8.0},
        "face": {"1": 3.0},
        "decode 640x360": {"1": 1.0},
    }
}
SECONDS = 20.0


def report(participants: int, results: float, cores: dict[str, float]) -> dict[str, Any]:
    """What `hoovik bench live --json` would have written."""
    cpu_seconds = {pool: SECONDS * (cores[pool] + cores[f"{pool} loop"]) for pool in POOLS}
    return {
        "encoders": "embedded",
        "participants": participants,
        "seconds": SECONDS,
        "results": results,
        "latency_ms": {"p50": 100.0, "p95": 150.0},
        "cpu_seconds": {
            **cpu_seconds,
            "RoomSessionActor": SECONDS * cores["room"],
            "Ingress": SECONDS * cores["ingress"],
            "raylet": SECONDS * cores["ray"] / 4,
            "ServeController": SECONDS * cores["ray"] * 3 / 4,
            "load generator": 3.0,
        },
    }


def load_of(participants: int) -> Load:
    return Load(participants, {8: 1.0}, speakers=8, talking=1.0)


def calculated(participants: int) -> dict[str, Any]:
    load, costs = load_of(participants), flat().profiles["embedded"]
    cores = cores_by_process(load.rooms(0), load, costs, "cpu", nodes=1, ingresses=1, batched=True)
    return report(participants, participants * SECONDS / 0.3, cores)


def simulated(participants: int) -> dict[str, Any]:
    load = load_of(participants)
    outcome = simulate((Hardware(8),), load, flat(), "embedded", seconds=SECONDS)
    return report(participants, participants * SECONDS / 0.3, outcome.cores)


def compare(found: Shell, rel: float, *, pools: float) -> None:
    known = flat().profiles["embedded"].shell_ms.model_dump()
    for name, value in found.model_dump().items():
        assert value == pytest.approx(known[name], rel=pools if name == "pool_calls" else rel), name


def test_known_costs_are_recovered_from_two_runs() -> None:
    costs = derive(ENCODERS, MODELS, [calculated(2), calculated(12)])["embedded"]
    compare(costs.shell_ms, rel=1e-3, pools=1e-3)
    assert costs.audio_ms == {"cpu": {1: 4.0}}
    assert (costs.face_ms, costs.features_ms, costs.ensemble_ms) == ({1: 4.0}, {1: 3.0}, {1: 5.0})


def test_known_costs_are_recovered_from_simulated_runs() -> None:
    costs = derive(ENCODERS, MODELS, [simulated(2), simulated(12)])["embedded"]
    # A call of a pool is what is left of 10 to 40 ms once the models, which vary, are taken away.
    compare(costs.shell_ms, rel=0.1, pools=0.6)


def test_one_run_takes_a_call_to_cost_what_its_content_costs() -> None:
    live = calculated(8)
    shell = derive(ENCODERS, MODELS, [live])["embedded"].shell_ms
    assert shell.room_call == pytest.approx(shell.step, rel=1e-3)
    assert shell.message == pytest.approx(shell.ingress_call, rel=1e-3)
    # However it is divided, every second of the run is some cost.
    known = flat().profiles["embedded"]
    load = load_of(8)
    costs = known.model_copy(update={"shell_ms": shell})
    cores = cores_by_process([8], load, costs, "cpu", nodes=1, ingresses=1, batched=True)
    service_s = sum(live["cpu_seconds"].values()) - 3.0
    assert SECONDS * sum(cores.values()) == pytest.approx(service_s, rel=1e-3)


def test_a_process_that_took_less_than_its_model_has_no_shell() -> None:
    live = calculated(8)
    live["cpu_seconds"]["Ensemble"] /= 2
    assert derive(ENCODERS, MODELS, [live])["embedded"].shell_ms.pool_calls["Ensemble"] == 0


def test_the_reference_encoders_stand_in_the_same_shell() -> None:
    profiles = derive(ENCODERS, MODELS, [calculated(2), calculated(12)])
    assert profiles["reference"].audio_ms == {"cpu": {1: 200.0}}
    assert profiles["reference"].face_ms == {1: 11.0}
    assert profiles["reference"].shell_ms == profiles["embedded"].shell_ms


def test_one_command_renews_the_file(tmp_path: Path) -> None:
    measured = tmp_path / "measured.json"
    measured.write_text(Measured(profiles={}, hop_ms=0.4, node_hop_ms=0.9).model_dump_json())
    reports = {"encoders": ENCODERS, "models": MODELS, "2": calculated(2), "12": calculated(12)}
    for name, content in reports.items():
        (tmp_path / name).write_text(json.dumps(content))
    command = [
        sys.executable,
        "-m",
        "bench.capacity.derive",
        *(tmp_path / name for name in reports),
    ]
    command += ["--measured", str(measured)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    renewed = read_measured(measured)
    assert renewed.profiles == derive(*list(reports.values())[:2], list(reports.values())[2:])
    assert (renewed.hop_ms, renewed.node_hop_ms) == (0.4, 0.9)
    *_, small, large = said.splitlines()
    for line, participants in ((small, 2), (large, 12)):
        number, latency, _, *busy = line.strip("| ").split(" | ")
        assert (int(number), latency) == (participants, "100, 150 ms")
        assert float(busy[1]) == pytest.approx(float(busy[0]), rel=0.1)
