import ast
import json
from pathlib import Path

import pytest

from bench.capacity.fleet import FLEETS, read_fleets
from bench.capacity.measured import MEASURED, batch_seconds, read_measured
from bench.capacity.processes import MAX_BATCH, POOLS
from hoovik.errors import ConfigurationError
from tests.conftest import REPOSITORY


def test_the_files_that_ship_are_read() -> None:
    measured, fleets = read_measured(), read_fleets()
    assert set(measured.profiles) == {"embedded", "reference"}
    for costs in measured.profiles.values():
        assert "cpu" in costs.audio_ms
        assert set(costs.shell_ms.pool_calls) == set(POOLS)
    for cell in fleets.cells:
        assert fleets.price_per_hour(cell) > 0
        assert len(fleets.hardware(cell)) == sum(fleets.cells[cell].values())
    assert fleets.device("2 x D8s_v5") == "cpu"
    assert fleets.device("T4 + 2 x D8s_v5") == "T4"


def test_batches_are_those_of_the_service() -> None:
    files = ("face", "features", "ensemble")
    for pool, name in zip(POOLS[1:], files, strict=True):
        assert constant(f"deployments/{name}.py", "MAX_BATCH") == MAX_BATCH[pool], pool


def constant(file: str, name: str) -> int:
    tree = ast.parse((REPOSITORY / file).read_text())
    (value,) = [
        node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == name
    ]
    return value


def test_the_time_of_a_batch_lies_between_those_measured() -> None:
    by_batch = {1: 10.0, 4: 4.0, 16: 2.0}
    assert batch_seconds(by_batch, 1) == 0.010
    assert batch_seconds(by_batch, 4) == 0.016
    assert batch_seconds(by_batch, 10) == pytest.approx(0.024)
    assert batch_seconds(by_batch, 2.5) == pytest.approx(0.013)
    assert batch_seconds(by_batch, 32) == 0.064


def test_a_figure_without_a_source_is_refused(tmp_path: Path) -> None:
    written = json.loads(MEASURED.read_text())
    written["profiles"]["embedded"]["provenance"][0]["figures"] = ["face_ms"]
    path = tmp_path / "measured.json"
    path.write_text(json.dumps(written))
    with pytest.raises(ConfigurationError, match=r"measured\.json: .*no provenance for audio_ms"):
        read_measured(path)


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("price_per_hour: 0.40", "price: 0.40", "price"),
        ("{Standard_D8s_v5: 2}", "{Standard_D9s_v5: 2}", "Standard_D9s_v5"),
        ("gpus: 1, gpu: T4", "gpu: T4", "gpus and gpu go together"),
    ],
)
def test_a_mistake_in_the_fleets_is_told(tmp_path: Path, was: str, becomes: str, told: str) -> None:
    path = tmp_path / "fleets.yaml"
    path.write_text(FLEETS.read_text().replace(was, becomes, 1))
    with pytest.raises(ConfigurationError, match=told):
        read_fleets(path)
