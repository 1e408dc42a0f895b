"""`ray_cluster.yaml` as it is, without a cloud."""

import re
import subprocess
from pathlib import Path

import yaml

from tests.cluster_file import COMMANDS, ROOT, faults, load


def test_the_cluster_file_has_no_faults() -> None:
    assert faults(load()) == []


def test_node_types() -> None:
    types = load()["available_node_types"]
    assert types["cpu_worker"]["min_workers"] < types["cpu_worker"]["max_workers"]
    assert types["gpu_worker"]["min_workers"] == 0
    assert types["gpu_worker"]["resources"]["GPU"] == 1


def test_spot_is_a_matter_of_three_lines() -> None:
    text = (ROOT / "ray_cluster.yaml").read_text()
    on = re.sub(r"(?m)^( *)# (priority: Spot|billingProfile:|  maxPrice: -1)$", r"\1\2", text)
    config = yaml.safe_load(on)
    parameters = config["available_node_types"]["gpu_worker"]["node_config"]["azure_arm_parameters"]
    assert parameters["priority"] == "Spot"
    assert parameters["billingProfile"] == {"maxPrice": -1}
    assert faults(config) == []


def test_every_command_is_shell() -> None:
    config = load()
    script = "\n".join(f"{{ {text}\n}}" for key in COMMANDS for text in config[key])
    subprocess.run(["bash", "-n"], input=script, text=True, check=True, timeout=10)


def test_shells_on_the_nodes_find_python(tmp_path: Path) -> None:
    (write,) = [text for text in load()["setup_commands"] if "> ~/hoovik/env.sh" in text]
    (tmp_path / "hoovik").mkdir()
    show = '. ~/hoovik/env.sh; echo "$RAY_AUTH_MODE $PATH"'
    told = subprocess.run(
        ["bash", "-c", f"{write}; {show}"],
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    )
    mode, path = told.stdout.split()
    assert mode == "disabled"
    assert path.startswith(f"{tmp_path}/hoovik/python/bin:")
