import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bench.capacity import FLEETS, RAY, Fleets, Load, VmType, fleet_for, fullest, usage
from bench.costs import AUDIO, FACE, HOST, INGRESS, MEASURED, PARTS, Cost, Costs, Measured, derive
from commands.main import app
from hoovik.errors import ConfigurationError

COSTS = Costs(
    parts={
        **dict.fromkeys(PARTS, Cost(by_host=10.0, by_item=1.0)),
        HOST: Cost(by_host=60.0, by_item=3.0),
        INGRESS: Cost(by_host=30.0, by_item=1.5),
    },
    machine=80.0,
    on="made up",
    command="none",
)


def live(participants: int, hosts: int, seconds: float = 20.0) -> dict[str, Any]:
    """What `hoovik bench live --json` would have written: one machine, all speak and are seen."""
    load = Load(participants, speaking=1.0, per_host=-(-participants // hosts))
    cores = usage(load, COSTS, 1).cores
    ray_s = seconds * cores.pop(RAY)
    return {
        "encoders": "embedded",
        "participants": participants,
        "rooms": hosts,
        "seconds": seconds,
        "results": seconds * participants / 0.3,
        "processes": {HOST: hosts, INGRESS: 1},
        "cpu_seconds": {
            **{part: seconds * busy for part, busy in cores.items()},
            "raylet": ray_s / 4,
            "ServeController": ray_s * 3 / 4,
            "load generator": 3.0,
        },
    }


def test_cores_are_rates_times_costs() -> None:
    told = usage(Load(60, speaking=0.5, cameras=0.5, per_host=60), COSTS, 1)
    # 200 time steps a second; half of them a window, half a frame, three quarters a result.
    assert told.cores == pytest.approx(
        {
            HOST: 0.060 + 0.6,
            INGRESS: 0.030 + 0.3,
            AUDIO: 0.010 + 0.1,
            FACE: 0.010 + 0.1,
            "FeatureEngineering": 0.010 + 0.15,
            "Ensemble": 0.010 + 0.15,
            RAY: 0.080,
        }
    )
    assert told.bottleneck == HOST
    assert told.processes == {**dict.fromkeys(PARTS, 1)}


def test_hosts_cost_by_their_number_and_by_the_ingress_replicas_that_they_serve() -> None:
    one, four = (usage(Load(40, per_host=each), COSTS, 1).cores for each in (40, 10))
    assert four[HOST] - one[HOST] == pytest.approx(3 * 0.060)
    assert four[INGRESS] - one[INGRESS] == pytest.approx(3 * 0.030)
    two = usage(Load(40), COSTS, 2).cores
    assert two[INGRESS] - one[INGRESS] == pytest.approx(0.030, rel=1e-3)
    assert two[HOST] - one[HOST] == pytest.approx(0.030, rel=1e-3)
    # A host of one participant has one of the two replicas' sockets.
    assert usage(Load(40, per_host=1), COSTS, 2).cores[INGRESS] == pytest.approx(40 * 0.030 + 0.2)


def test_replicas_keep_their_threads_below_the_target() -> None:
    told = usage(Load(600, speaking=0.5, per_host=20), COSTS, 2)
    for part, processes in told.processes.items():
        assert told.cores[part] / processes <= 0.7, part
    assert told.processes[HOST] == 30
    assert told.processes[INGRESS] % 2 == 0


def test_a_full_cell_has_the_cores_that_it_may_use_and_no_participant_more() -> None:
    vm = VmType(cores=8, price_per_hour=1.0)
    full = fullest(vm, 2, Load(0), COSTS, 0.8)
    held = full.load.participants
    assert sum(full.cores.values()) <= 12.8
    assert sum(usage(Load(held + 1), COSTS, 2).cores.values()) > 12.8
    fast = fullest(VmType(cores=8, speed=2.0, price_per_hour=1.0), 2, Load(0), COSTS, 0.8)
    assert fast.load.participants == pytest.approx(2 * held, rel=0.2)
    assert (
        fullest(VmType(cores=1, price_per_hour=1.0), 1, Load(0), COSTS, 0.1).load.participants == 0
    )


def test_a_fleet_holds_everybody_without_its_spare_cells() -> None:
    small, large = (fleet_for(number, 10, 2, 2.5, spare=0.05) for number in (95, 10_000))
    assert (small.cells, small.spare, small.machines, small.cost_per_hour) == (11, 1, 22, 27.5)
    assert (large.cells, large.spare) == (1050, 50)
    with pytest.raises(ValueError, match="holds nobody"):
        fleet_for(10, 0, 2, 1.0, spare=0.05)


def test_known_costs_are_recovered_from_runs() -> None:
    found = derive([live(2, 1), live(12, 1), live(12, 3)], "made up")
    assert found.machine == pytest.approx(COSTS.machine)
    for part, cost in COSTS.parts.items():
        assert found.parts[part].by_host == pytest.approx(cost.by_host, rel=1e-3), part
        assert found.parts[part].by_item == pytest.approx(cost.by_item, rel=1e-3), part
    assert "--participants 12 --rooms 3" in found.command


CPU_MS = {
    HOST: (21.6, 12.0, 4.9, 5.7),
    INGRESS: (15.5, 9.5, 4.9, 4.4),
    FACE: (13.4, 8.4, 4.5, 4.8),
    AUDIO: (10.6, 6.7, 3.4, 3.3),
    "FeatureEngineering": (14.5, 7.8, 2.5, 2.5),
    "Ensemble": (16.6, 9.1, 3.3, 3.4),
    "raylet": (23.7, 12.2, 3.2, 2.2),
}
"""Of a result, with 1, 2 and 8 participants in one room and 12 in two, each room in its own process."""


@pytest.mark.parametrize(("cores", "simulated"), [(8, 108), (16, 190)])
def test_it_says_what_a_simulation_of_every_message_said(cores: int, simulated: int) -> None:
    # Of rooms of five people on average, one of whom speaks, in two machines of so many cores.
    lives = []
    for place, (participants, rooms) in enumerate(((1, 1), (2, 1), (8, 1), (12, 2))):
        results = 20 * 3.3 * participants
        spent = {name: ms[place] * results / 1000 for name, ms in CPU_MS.items()}
        about = {"seconds": 20.0, "participants": participants, "rooms": rooms}
        lives.append(
            {**about, "results": results, "processes": {HOST: rooms}, "cpu_seconds": spent}
        )
    costs, vm = derive(lives, "a Xeon"), VmType(cores=cores, price_per_hour=1.0)
    held = fullest(vm, 2, Load(0, speaking=0.19, per_host=5), costs, 0.8).load.participants
    assert held == pytest.approx(simulated, rel=0.1)


def test_the_files_that_ship_are_read() -> None:
    measured, fleets = Measured.read(MEASURED), Fleets.read(FLEETS)
    assert set(measured.profiles) == {"embedded", "reference"}
    assert fleets.price_per_hour("2 x D8s_v5") == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("price_per_hour: 0.40", "price: 0.40", "price"),
        ("vm: Standard_D8s_v5", "vm: Standard_D9s_v5", "Standard_D9s_v5"),
    ],
)
def test_a_mistake_in_the_fleets_is_told(tmp_path: Path, was: str, becomes: str, told: str) -> None:
    path = tmp_path / "fleets.yaml"
    path.write_text(FLEETS.read_text().replace(was, becomes, 1))
    with pytest.raises(ConfigurationError, match=told):
        Fleets.read(path)


def test_a_part_without_its_cost_is_refused(tmp_path: Path) -> None:
    written = json.loads(MEASURED.read_text())
    del written["profiles"]["embedded"]["parts"][HOST]
    path = tmp_path / "measured.json"
    path.write_text(json.dumps(written))
    with pytest.raises(ConfigurationError, match=r"measured\.json: .*RoomHost"):
        Measured.read(path)


def test_the_command_renews_its_figures_and_prints_what_they_come_to(tmp_path: Path) -> None:
    measured, report = tmp_path / "measured.json", tmp_path / "report.json"
    lives = []
    for number, run in enumerate((live(2, 1), live(12, 1))):
        lives += ["--renew", str(tmp_path / f"{number}.json")]
        (tmp_path / f"{number}.json").write_text(json.dumps(run))
    options = ["--measured", str(measured), "--json", str(report), "--participants", "1000"]
    said = CliRunner().invoke(app, ["bench", "capacity", *options, *lives], env={"COLUMNS": "160"})
    assert said.exit_code == 0, said.output
    costs = Measured.read(measured).profiles["embedded"]
    assert costs.parts[HOST].by_item == pytest.approx(3.0, rel=1e-3)
    cell = json.loads(report.read_text())["2 x D8s_v5"]
    held, (fleet,) = cell["load"]["participants"], cell["fleets"]
    assert (fleet["cells"] - fleet["spare"]) * held >= 1000
    assert fleet["cost_per_hour"] == pytest.approx(0.4 * fleet["machines"])
    for words in (f"{fleet['cost_per_hour']:,.2f}", f" {held} ", cell["bottleneck"]):
        assert words in said.output
    unknown = CliRunner().invoke(
        app, ["bench", "capacity", "--measured", str(measured), "--encoders", "reference"]
    )
    assert isinstance(unknown.exception, ConfigurationError)
    assert "has no profile reference" in unknown.exception.message
