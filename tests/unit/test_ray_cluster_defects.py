"""Each defect that a cluster file may have is found."""

from collections.abc import Callable

import pytest

from tests.cluster_file import Config, faults, load


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
    "no extra": (
        replaced("setup_commands", "hoovik[serve,replay,", "hoovik[replay,"),
        "the wheel is installed without serve",
    ),
    "no wheel": (replaced("setup_commands", "@ file://", "@ "), "the wheel is not installed"),
    "wheel not mounted": (unset("file_mounts", "~/hoovik/wheel"), "which is not mounted"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_found(defect: str) -> None:
    inject, words = DEFECTS[defect]
    config = load()
    inject(config)
    found = faults(config)
    assert any(words in fault for fault in found), found
