import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench.capacity.load import Load
from bench.capacity.plan import PRECISION, Cell, fleet_for, largest
from bench.capacity.service import Hardware
from bench.capacity.tally import Target
from commands.main import app
from hoovik.errors import ConfigurationError
from tests.unit.bench.capacity.costs import flat

NODE = (Hardware(4),)
LOAD = Load(0, room_sizes={4: 1.0})
TARGET = Target(p95_ms=600.0)


def found(hardware: tuple[Hardware, ...] = NODE, target: Target = TARGET) -> Cell:
    return largest(hardware, LOAD, flat(), "embedded", target=target, seconds=4.0)


@pytest.fixture(scope="module")
def cell() -> Cell:
    return found()


def test_the_largest_load_that_holds_fills_the_cores_to_the_target(cell: Cell) -> None:
    assert cell.holds
    assert not cell.outcome.saturated
    assert TARGET.utilisation - 3 * PRECISION < cell.outcome.utilisation <= TARGET.utilisation
    busy = sum(cell.outcome.cores.values())
    low, high = cell.arithmetic
    assert 0.95 * low <= busy <= 1.05 * high


def test_faster_cores_hold_more(cell: Cell) -> None:
    twice = found((Hardware(4, speed=2.0),))
    assert twice.load.participants == pytest.approx(2 * cell.load.participants, rel=0.1)


def test_a_target_that_nothing_meets_holds_nobody() -> None:
    nobody = found(target=Target(p95_ms=1.0))
    assert not nobody.holds
    with pytest.raises(ValueError, match="holds nobody"):
        fleet_for(100, nobody, 1.0, spare=0.05)


def test_a_fleet_holds_everybody_without_its_spare_cells(cell: Cell) -> None:
    ten = replace(cell, load=replace(cell.load, participants=10))
    small, large = (fleet_for(number, ten, 2.5, spare=0.05) for number in (95, 10_000))
    assert (small.cells, small.spare, small.nodes, small.cost_per_hour) == (11, 1, 11, 27.5)
    assert (large.cells, large.spare) == (1050, 50)
    for fleet in (small, large):
        assert (fleet.cells - fleet.spare) * 10 >= fleet.participants


def test_the_command_prints_and_writes_what_it_found(tmp_path: Path) -> None:
    measured, fleets, report = (tmp_path / name for name in ("m.json", "f.yaml", "report.json"))
    measured.write_text(flat().model_dump_json())
    fleets.write_text(
        "currency: EUR\n"
        "vm_types:\n"
        "  small: {cores: 4, price_per_hour: 0.25}\n"
        "  gpu: {cores: 4, gpus: 1, gpu: H100, price_per_hour: 9}\n"
        "cells: {one small: {small: 1}, one gpu: {gpu: 1}}\n"
    )
    options = ["--measured", measured, "--fleets", fleets, "--json", report, "--seconds", "3"]
    options += ["--participants", "1000"]
    said = CliRunner().invoke(
        app, ["bench", "capacity", *map(str, options)], env={"COLUMNS": "160"}
    )
    assert said.exit_code == 0, said.output
    assert "one gpu: left out, audio_ms has no H100" in said.output
    written = json.loads(report.read_text())
    assert set(written) == {"one small"}
    (fleet,) = written["one small"]["fleets"]
    held = written["one small"]["cell"]["load"]["participants"]
    assert (fleet["cells"] - fleet["spare"]) * held >= 1000
    assert fleet["cost_per_hour"] == pytest.approx(0.25 * fleet["nodes"])
    assert f"{fleet['cost_per_hour']:,.2f}" in said.output


def test_encoders_that_were_not_measured_are_refused(tmp_path: Path) -> None:
    measured = tmp_path / "measured.json"
    measured.write_text(flat().model_dump_json())
    options = ["--measured", str(measured), "--encoders", "reference"]
    said = CliRunner().invoke(app, ["bench", "capacity", *options])
    assert isinstance(said.exception, ConfigurationError)
    assert "has no profile reference" in said.exception.message
