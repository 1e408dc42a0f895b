"""Faults of a cluster file, found without a cloud: what Ray checks, and what Ray lets through."""

import copy
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ray.autoscaler
import yaml
from ray.autoscaler._private.util import prepare_config, validate_config

ROOT = Path(__file__).resolve().parents[1]
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
    extras = project["optional-dependencies"]
    rays = {
        pin[1]
        for text in (*extras["models"], *extras["serve"], *extras["replay"])
        if (pin := re.fullmatch(r"ray(?:\[\w+\])?==(.+)", text))
    }
    assert python is not None
    (ray_version,) = rays
    return python[1], ray_version


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
    wheel = re.search(r"hoovik\[([\w,]+)\] @ file://\$\(echo (~/\S+)/hoovik-\*\.whl\)", setup)
    if wheel is None:
        yield "the wheel is not installed"
        return
    if wheel[2] not in mounts:
        yield f"the wheel is installed from {wheel[2]}, which is not mounted"
    for extra in sorted({"serve", "replay", "reference"} - set(wheel[1].split(","))):
        yield f"the wheel is installed without {extra}"
