"""What each kind of process takes, as `hoovik bench live` measured it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    ValidationError,
    model_validator,
)

from bench.live import GENERATOR
from hoovik.errors import ConfigurationError
from hoovik.validation import first_fault

MEASURED = Path(__file__).with_name("measured.json")
"""The figures that ship; their provenance says on which machine and by which command."""

HOST, INGRESS, AUDIO, FACE = "RoomHost", "Ingress", "AudioFeatures", "FaceFeatures"
PARTS = (HOST, INGRESS, AUDIO, FACE, "FeatureEngineering", "Ensemble")

T = TypeVar("T", bound="Input")


class Input(BaseModel):
    """What stands in a file: a misspelt key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def read(cls: type[T], path: Path) -> T:
        """The values of a JSON or YAML file; raises ConfigurationError, which names it."""
        try:
            return cls.model_validate(yaml.safe_load(path.read_text()))
        except ValidationError as error:
            raise ConfigurationError(f"{path}: {first_fault(error)}") from None


class Cost(Input):
    """CPU milliseconds that one kind of process takes."""

    by_host: NonNegativeFloat = Field(
        description="Each second, for each room host, whatever it holds: its calls. Of the ingress "
        "for each replica that has sockets in it, of the host half of it for each of them."
    )
    by_item: NonNegativeFloat = Field(
        description="For each participant's time step at hosts and ingress, each window of sound, "
        "each frame, each result."
    )


class Costs(Input):
    """What a service with one pair of encoders takes."""

    parts: dict[str, Cost]
    machine: NonNegativeFloat = Field(
        description="Ray's own processes and telemetry, each second on each machine."
    )
    on: str = Field(description="The machine that this was measured on.")
    command: str
    note: str = ""

    @model_validator(mode="after")
    def _every_part_has_its_cost(self) -> "Costs":
        if set(self.parts) != set(PARTS):
            raise ValueError(f"costs of {sorted(PARTS)} are needed, got {sorted(self.parts)}")
        return self


class Measured(Input):
    """Costs by encoder profile."""

    profiles: dict[str, Costs]


def derive(lives: list[Mapping[str, Any]], on: str, note: str = "") -> Costs:
    """Costs from reports of `hoovik bench live` with one pair of encoders.

    Runs with different numbers of participants (2 and 12, say) tell what a host costs from what its
    participants do, by least squares, nothing below 0. Everybody speaks and is seen in them.

    Args:
        lives: reports; the more participants are in a run, the more it weighs.
        on: the machine, which was at rest, and followed everybody.
        note: what else is to be known of these figures.
    """
    import numpy as np
    from scipy.optimize import nnls

    seconds = np.array([live["seconds"] for live in lives])
    hosts = np.array([live["processes"][HOST] for live in lives])
    steps = np.array([live["results"] for live in lives])
    work = np.column_stack([seconds * hosts, steps]).astype(np.float64)
    parts, left_ms = {}, np.array([1000 * _service_s(live) for live in lives])
    for name in PARTS:
        took_ms = np.array([1000 * live["cpu_seconds"].get(name, 0.0) for live in lives])
        by_host, by_item = nnls(work, took_ms)[0]
        parts[name] = Cost(by_host=round(float(by_host), 3), by_item=round(float(by_item), 4))
        left_ms -= took_ms
    runs = "; ".join(
        f"hoovik bench live --participants {live['participants']} --rooms {live['rooms']} "
        f"--seconds {live['seconds']:g}"
        for live in lives
    )
    machine = round(float(left_ms.sum() / seconds.sum()), 2)
    return Costs(parts=parts, machine=machine, on=on, command=runs, note=note)


def _service_s(live: Mapping[str, Any]) -> float:
    by_process: Mapping[str, float] = live["cpu_seconds"]
    return sum(by_process.values()) - by_process.get(GENERATOR, 0.0)


def renew(path: Path, reports: list[Path], on: str) -> Measured:
    """Put what reports of `hoovik bench live` tell in the place of a file's figures; returns all.

    Profiles without a report stay as they were.
    """
    by_profile: dict[str, list[Mapping[str, Any]]] = {}
    for report in reports:
        live = json.loads(report.read_text())
        by_profile.setdefault(live["encoders"], []).append(live)
    before = Measured.read(path) if path.exists() else Measured(profiles={})
    found = {name: derive(lives, on) for name, lives in by_profile.items()}
    after = Measured(profiles={**before.profiles, **found})
    path.write_text(after.model_dump_json(indent=2, exclude_defaults=True) + "\n")
    return after
