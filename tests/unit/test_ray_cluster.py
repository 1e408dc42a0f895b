"""`ray_cluster.yaml`, without a cloud: what Ray checks, and what Ray lets through."""

import copy
import json
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import ray.autoscaler
import yaml
from ray.autoscaler._private.util import prepare_config, validate_config

ROOT = Path(__file__).resolve().parents[2]
AUTOSCALER = Path(ray.autoscaler.__file__).parent
AZURE = AUTOSCALER / "_private" / "_azure"

SETUP = ("setup_commands", "head_setup_commands", "worker_setup_commands")
START = ("head_start_ray_commands", "worker_start_ray_commands")
COMMANDS = ("initialization_commands", *SETUP, *START)
NIGHTLY = re.compile(r"nightly|ray-wheels|\.dev\d|/latest/|master")
IMAGE = ("imagePublisher", "imageOffer", "imageSku", "imageVersion")
SET_BY_RAY = {"vmName", "vmTags", "vmCount", "msi", "nsg", "subnet", "zones", "provisionPublicIp"}

Config = dict[str, Any]


def load(name: str = "ray_cluster.yaml") -> Config:
    return yaml.safe_load((ROOT / name).read_text())


def project_pins() -> tuple[str, str]:
    """Versions of Python and Ray that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    python = re.fullmatch(r">=(3\.\d+),<3\.\d+", project["requires-python"])
    rays = [
        pin
        for text in project["dependencies"]
        if (pin := re.fullmatch(r"ray\[serve,data\]==(.+)", text))
    ]
    assert python is not None
    assert len(rays) == 1
    return python[1], rays[0][1]


def provider_keys() -> set[str]:
    """Keys that Ray's Azure provider reads, from its source: importing it needs Azure's SDK."""
    read = re.compile(r"""(?:provider_config|\["provider"\])(?:\[|\.get\()\s*"(\w+)\"""")
    sources = (AZURE / "config.py", AZURE / "node_provider.py")
    return {"type"} | {key for source in sources for key in read.findall(source.read_text())}


def arm_parameters() -> set[str]:
    """Parameters of the template that Ray starts Azure VMs with."""
    template = json.loads((AZURE / "azure-vm-template.json").read_text())
    return (set(template["parameters"]) - SET_BY_RAY) | {"availability_zone"}


def faults(config: Config) -> list[str]:
    """What is wrong with a cluster file; nothing if it will do."""
    found: list[str] = []
    prepared: Config = {}
    try:
        prepared = prepare_config(copy.deepcopy(config))
        validate_config(prepared)
    except Exception as refusal:
        found.append(f"Ray refuses it: {refusal}")
    if not prepared:
        return found
    found += provider_faults(config["provider"])
    found += auth_faults(config.get("auth", {}))
    for name, node_type in config.get("available_node_types", {}).items():
        found += [f"{name}: {fault}" for fault in node_faults(node_type)]
    found += setup_faults(config)
    found += start_faults(config)
    found += mount_faults(config)
    for key in COMMANDS:
        found += [f"nightly Ray in {key}" for text in prepared[key] if NIGHTLY.search(text)]
    return found


def provider_faults(provider: Config) -> Iterator[str]:
    for key in sorted(set(provider) - provider_keys()):
        yield f"unknown provider key {key}"
    for key in ("resource_group", "location"):
        if not provider.get(key):
            yield f"no provider {key}"


def auth_faults(auth: Config) -> Iterator[str]:
    if not auth.get("ssh_user"):
        yield "no ssh_user"
    if ("ssh_private_key" in auth) != ("ssh_public_key" in auth):
        yield "one ssh key without the other"


def node_faults(node_type: Config) -> Iterator[str]:
    parameters = node_type["node_config"].get("azure_arm_parameters", {})
    resources = node_type.get("resources", {})
    for key in sorted(set(parameters) - arm_parameters()):
        yield f"unknown ARM parameter {key}"
    if "imageId" not in parameters:
        yield from (f"no {key}" for key in IMAGE if not parameters.get(key))
    if node_type.get("min_workers", 0) > node_type.get("max_workers", 0):
        yield "min_workers above max_workers"
    if "worker_setup_commands" in node_type:
        yield "worker_setup_commands of a type replace all others, the pins among them"
    if parameters.get("billingProfile") and parameters.get("priority") != "Spot":
        yield "a billingProfile without the Spot priority"
    size = re.fullmatch(r"Standard_([A-Z]+)(\d+)\w*", parameters.get("vmSize", ""))
    if size is None:
        yield "no vmSize"
        return
    if "CPU" not in resources:
        yield "no CPU under resources"
    elif resources["CPU"] > int(size[2]):
        yield f"{resources['CPU']} CPU on a VM with {size[2]}"
    has_gpu = size[1].startswith("N")
    if has_gpu and not resources.get("GPU"):
        yield "no GPU under resources"
    if resources.get("GPU") and not has_gpu:
        yield "a GPU on a VM without one"


def setup_faults(config: Config) -> Iterator[str]:
    python, ray_version = project_pins()
    for key in SETUP:
        commands = config.get(key)
        if not commands:
            yield f"no {key}: Ray fills in its own"
            continue
        text = "\n".join(commands)
        if f'"ray[serve,data]=={ray_version}"' not in text:
            yield f"{key} do not pin ray[serve,data]=={ray_version}"
        for other in set(re.findall(r"\bray(?:\[[\w,]+\])?\s*[=<>~!]=\s*([\w.]+)", text)):
            if other != ray_version:
                yield f"{key} install Ray {other}"
        for other in set(re.findall(r"\bpython\s*=+\s*([\d.]+)", text)):
            if other != python:
                yield f"{key} install Python {other}"
    if f"python={python}" not in "\n".join(config.get("setup_commands") or []):
        yield f"setup_commands do not install Python {python}"
    head = "\n".join(config.get("head_setup_commands") or [])
    for pin in sdk_pins():
        if pin not in head:
            yield f"head_setup_commands without {pin}"


def sdk_pins() -> list[str]:
    """Azure's SDK, in the versions that Ray's own defaults install."""
    defaults = yaml.safe_load((AUTOSCALER / "azure" / "defaults.yaml").read_text())
    return re.findall(r"[\w-]+==\S+", "\n".join(defaults["head_setup_commands"]))


def start_faults(config: Config) -> Iterator[str]:
    modes = set()
    wanted = {
        "head_start_ray_commands": ("--head", "--autoscaling-config=~/ray_bootstrap_config.yaml"),
        "worker_start_ray_commands": ("--address=$RAY_HEAD_IP:6379",),
    }
    for key, options in wanted.items():
        starts = [text for text in config.get(key) or [] if "ray start" in text]
        if len(starts) != 1:
            yield f"{key}: {len(starts)} times `ray start`"
            continue
        yield from (f"{key} without {option}" for option in options if option not in starts[0])
        mode = re.search(r"RAY_AUTH_MODE=(disabled|token)\b", starts[0])
        if mode is None:
            yield f"{key} without RAY_AUTH_MODE"
        else:
            modes.add(mode[1])
    shells = re.search(r"RAY_AUTH_MODE=(\w+)", "\n".join(config.get("setup_commands") or []))
    modes.add(shells[1] if shells else "unset")
    if len(modes) > 1:
        yield f"RAY_AUTH_MODE is {' and '.join(sorted(modes))}"


def mount_faults(config: Config) -> Iterator[str]:
    mounts = config.get("file_mounts") or {}
    setup = "\n".join(config.get("setup_commands") or [])
    bundle = re.search(r'HOOVIK_BUNDLE="?(?:\$HOME|~)/([^"\s]+)', setup)
    if bundle is None:
        yield "no HOOVIK_BUNDLE"
    else:
        folder = str(Path("~") / Path(bundle[1]).parent)
        if mounts.get(folder) != "model_artifacts":
            yield f"HOOVIK_BUNDLE lies in {folder}, where model_artifacts are not mounted"
        elif not (ROOT / "model_artifacts" / Path(bundle[1]).name).is_dir():
            yield "HOOVIK_BUNDLE names no bundle"
    wheel = re.search(r"(~/\S+)/hoovik-\*\.whl", setup)
    if wheel is None:
        yield "the wheel is not installed"
    elif wheel[1] not in mounts:
        yield f"the wheel is installed from {wheel[1]}, which is not mounted"


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


def test_shells_on_the_nodes_find_python_and_bundle(tmp_path: Path) -> None:
    (write,) = [text for text in load()["setup_commands"] if "> ~/hoovik/env.sh" in text]
    (tmp_path / "hoovik").mkdir()
    show = '. ~/hoovik/env.sh; echo "$HOOVIK_BUNDLE $RAY_AUTH_MODE $PATH"'
    told = subprocess.run(
        ["bash", "-c", f"{write}; {show}"],
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    )
    bundle, mode, path = told.stdout.split()
    assert bundle == f"{tmp_path}/hoovik/model_artifacts/embedded"
    assert mode == "disabled"
    assert path.startswith(f"{tmp_path}/hoovik/python/bin:")


def worker(config: Config, name: str = "cpu_worker") -> Config:
    return config["available_node_types"][name]


def arm(config: Config, name: str = "cpu_worker") -> Config:
    return worker(config, name)["node_config"]["azure_arm_parameters"]


def replaced(key: str, old: str, new: str) -> Callable[[Config], None]:
    def inject(config: Config) -> None:
        assert any(old in text for text in config[key])
        config[key] = [text.replace(old, new) for text in config[key]]

    return inject


def unset(*path: str) -> Callable[[Config], None]:
    def inject(config: Config) -> None:
        *parents, last = path
        for parent in parents:
            config = config[parent]
        del config[last]

    return inject


DEFECTS: dict[str, tuple[Callable[[Config], object], str]] = {
    "unknown provider key": (
        lambda config: config["provider"].update(resouce_group="x"),
        "unknown provider key resouce_group",
    ),
    "no resource group": (unset("provider", "resource_group"), "no provider resource_group"),
    "no location": (unset("provider", "location"), "no provider location"),
    "no vmSize": (lambda config: arm(config).pop("vmSize"), "cpu_worker: no vmSize"),
    "no image": (lambda config: arm(config).pop("imageSku"), "cpu_worker: no imageSku"),
    "unknown ARM parameter": (
        lambda config: arm(config).update(vmsize="Standard_D8s_v5"),
        "cpu_worker: unknown ARM parameter vmsize",
    ),
    "undeclared GPU": (
        lambda config: worker(config, "gpu_worker")["resources"].pop("GPU"),
        "gpu_worker: no GPU under resources",
    ),
    "GPU declared elsewhere": (
        lambda config: worker(config, "gpu_worker").update(
            resources={"CPU": 4}, labels={"GPU": "1"}
        ),
        "gpu_worker: no GPU under resources",
    ),
    "GPU without a card": (
        lambda config: worker(config)["resources"].update(GPU=1),
        "cpu_worker: a GPU on a VM without one",
    ),
    "too many CPUs": (
        lambda config: worker(config)["resources"].update(CPU=16),
        "cpu_worker: 16 CPU on a VM with 8",
    ),
    "Spot by halves": (
        lambda config: arm(config, "gpu_worker").update(billingProfile={"maxPrice": -1}),
        "gpu_worker: a billingProfile without the Spot priority",
    ),
    "min above max": (
        lambda config: worker(config).update(min_workers=5),
        "cpu_worker: min_workers above max_workers",
    ),
    "setup of one type": (
        lambda config: worker(config).update(worker_setup_commands=["true"]),
        "cpu_worker: worker_setup_commands of a type",
    ),
    "max_workers below the minima": (
        lambda config: config.update(max_workers=0),
        "Ray refuses it: The specified global `max_workers` is smaller",
    ),
    "unknown head type": (
        lambda config: config.update(head_node_type="haed"),
        "Ray refuses it: `head_node_type` must be one of",
    ),
    "unknown top-level key": (
        lambda config: config.update(setup_command=["true"]),
        "Ray refuses it: Additional properties are not allowed",
    ),
    "one ssh key": (unset("auth", "ssh_public_key"), "one ssh key without the other"),
    "no setup": (unset("setup_commands"), "no setup_commands: Ray fills in its own"),
    "no setup: nightly": (unset("setup_commands"), "nightly Ray in setup_commands"),
    "no head setup": (unset("head_setup_commands"), "no head_setup_commands"),
    "no worker setup": (unset("worker_setup_commands"), "no worker_setup_commands"),
    "another Ray": (
        replaced("setup_commands", "==2.60.0", "==2.59.1"),
        "setup_commands do not pin ray[serve,data]==2.60.0",
    ),
    "another Ray on the head": (
        replaced("head_setup_commands", "ray[serve,data]==2.60.0", "ray[default]==2.59.1"),
        "head_setup_commands install Ray 2.59.1",
    ),
    "another Python": (
        replaced("setup_commands", "python=3.11", "python=3.10"),
        "setup_commands install Python 3.10",
    ),
    "nightly wheel": (
        lambda config: config["worker_setup_commands"].append(
            "pip install -U https://wheels.example/latest/ray-3.0.0.dev0-cp311-cp311-linux.whl"
        ),
        "nightly Ray in worker_setup_commands",
    ),
    "no SDK on the head": (
        replaced("head_setup_commands", "azure-identity==1.23.1", ""),
        "head_setup_commands without azure-identity==1.23.1",
    ),
    "no autoscaler": (
        replaced("head_start_ray_commands", "--autoscaling-config", "--config"),
        "head_start_ray_commands without --autoscaling-config",
    ),
    "worker without a head": (
        replaced("worker_start_ray_commands", "--address=$RAY_HEAD_IP:6379", "--head"),
        "worker_start_ray_commands without --address",
    ),
    "Ray's own start": (
        unset("worker_start_ray_commands"),
        "worker_start_ray_commands: 0 times",
    ),
    "no auth mode": (
        replaced("worker_start_ray_commands", "export RAY_AUTH_MODE=disabled; ", ""),
        "worker_start_ray_commands without RAY_AUTH_MODE",
    ),
    "two auth modes": (
        replaced("head_start_ray_commands", "RAY_AUTH_MODE=disabled", "RAY_AUTH_MODE=token"),
        "RAY_AUTH_MODE is disabled and token",
    ),
    "models not mounted": (
        unset("file_mounts", "~/hoovik/model_artifacts"),
        "where model_artifacts are not mounted",
    ),
    "no such bundle": (
        replaced("setup_commands", "model_artifacts/embedded", "model_artifacts/embeded"),
        "HOOVIK_BUNDLE names no bundle",
    ),
    "no bundle": (replaced("setup_commands", "HOOVIK_BUNDLE", "BUNDLE"), "no HOOVIK_BUNDLE"),
    "wheel not mounted": (unset("file_mounts", "~/hoovik/wheel"), "which is not mounted"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_found(defect: str) -> None:
    inject, words = DEFECTS[defect]
    config = load()
    inject(config)
    found = faults(config)
    assert any(words in fault for fault in found), found
