"""How many machines a number of participants needs: arithmetic from CPU times that were measured."""

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    model_validator,
)

from hoovik.errors import ConfigurationError
from hoovik.settings import SessionSettings
from hoovik.validation import first_fault

MEASURED = Path(__file__).with_name("measured.json")
"""The figures that ship; their provenance says on which machine and by which command."""
FLEETS = Path(__file__).with_name("fleets.yaml")
"""The example that ships. Its prices are no offer of anybody's."""

HOST, INGRESS, AUDIO, FACE = "RoomHost", "Ingress", "AudioFeatures", "FaceFeatures"
PARTS = (HOST, INGRESS, AUDIO, FACE, "FeatureEngineering", "Ensemble")
RAY = "Ray's own"

TICK_S = SessionSettings().tick_s

TARGET_UTILISATION = 0.7
"""Of a process' thread, that replicas are counted for and that autoscaling steers to."""

MOST = 100_000
"""Participants of a cell, where the search ends."""

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


class VmType(Input):
    """A virtual machine to rent."""

    cores: PositiveInt
    speed: PositiveFloat = Field(1.0, description="Of a core; 1: the machine that was measured.")
    price_per_hour: NonNegativeFloat


class Cell(Input):
    """Machines of one type that make a Ray cluster."""

    vm: str
    machines: PositiveInt


class Fleets(Input):
    """VM types by name, and the cells to weigh."""

    currency: str
    vm_types: dict[str, VmType]
    cells: dict[str, Cell]

    @model_validator(mode="after")
    def _cells_are_of_known_types(self) -> "Fleets":
        for name, cell in self.cells.items():
            if cell.vm not in self.vm_types:
                raise ValueError(f"cell {name!r} has a VM type without a price: {cell.vm}")
        return self

    def price_per_hour(self, cell: str) -> float:
        """Of all machines of a cell."""
        return self.cells[cell].machines * self.vm_types[self.cells[cell].vm].price_per_hour


@dataclass(frozen=True, slots=True)
class Load:
    """Who is there.

    Attributes:
        participants: all of them with an open microphone.
        speaking: share of them who speak, on average.
        cameras: share of them whose camera is on.
        per_host: participants of one room host.
    """

    participants: int
    speaking: float = 0.2
    cameras: float = 1.0
    per_host: int = 40

    @property
    def hosts(self) -> int:
        """Room hosts."""
        return ceil(self.participants / self.per_host)

    def items_per_s(self) -> dict[str, float]:
        """What each part has to do."""
        steps = self.participants / TICK_S
        results = steps * (1 - (1 - self.speaking) * (1 - self.cameras))
        return {
            **dict.fromkeys(PARTS, results),
            HOST: steps,
            INGRESS: steps,
            AUDIO: steps * self.speaking,
            FACE: steps * self.cameras,
        }


@dataclass(frozen=True)
class Usage:
    """What a cell has to do for a load.

    Attributes:
        cores: busy ones, at speed 1, by part, Ray's own processes among them.
        processes: that keep each of their threads below `TARGET_UTILISATION`, by part.
    """

    load: Load
    cores: dict[str, float]
    processes: dict[str, int]

    @property
    def bottleneck(self) -> str:
        """The part that takes most of the cores."""
        return max(self.cores, key=self.cores.__getitem__)


def usage(load: Load, costs: Costs, machines: int, speed: float = 1.0) -> Usage:
    """Rates times costs, without queues and chance.

    Each machine has as many ingress replicas as the others, so many that they keep up.
    """
    items, ingresses = load.items_per_s(), machines
    while True:
        # Of so many replicas, so many hold a socket of a host's participants.
        links = load.hosts * ingresses * (1 - (1 - 1 / ingresses) ** load.per_host)
        hosts = {HOST: (load.hosts + links) / 2, INGRESS: links}
        cores = {
            name: (hosts.get(name, load.hosts) * cost.by_host + items[name] * cost.by_item) / 1000
            for name, cost in costs.parts.items()
        }
        needed = {
            name: max(1, ceil(busy / speed / TARGET_UTILISATION)) for name, busy in cores.items()
        }
        # Beyond a replica for each host more of them bring more calls than they take off.
        if needed[INGRESS] <= ingresses or ingresses >= max(machines, load.hosts):
            break
        ingresses += machines
    processes = {**needed, HOST: max(load.hosts, needed[HOST]), INGRESS: ingresses}
    return Usage(load, {**cores, RAY: machines * costs.machine / 1000}, processes)


def fullest(vm: VmType, machines: int, load: Load, costs: Costs, utilisation: float) -> Usage:
    """The most participants that a cell holds within a share of its cores; 0 where that is nobody.

    Args:
        vm: type of its machines.
        machines: how many.
        load: how participants behave; their number does not matter.
        costs: what was measured.
        utilisation: of the cores, at most; the rest is for bursts and for what is not counted.
    """
    budget = utilisation * machines * vm.cores * vm.speed

    def of(participants: int) -> Usage:
        return usage(replace(load, participants=participants), costs, machines, vm.speed)

    found = bisect_right(range(1, MOST), budget, key=lambda n: sum(of(n).cores.values()))
    return of(found)


@dataclass(frozen=True)
class Fleet:
    """Cells for a number of participants.

    Attributes:
        cells: with the spare ones.
        spare: how many may be lost at once; the others still hold everybody.
        machines: of all cells.
        cost_per_hour: of all machines.
    """

    participants: int
    cells: int
    spare: int
    machines: int
    cost_per_hour: float


def fleet_for(
    participants: int, held: int, machines: int, price_per_hour: float, spare: float
) -> Fleet:
    """Multiply a cell: cells share nothing, and a lost machine counts as a lost cell.

    Args:
        participants: to be held.
        held: by one cell; less than one raises ValueError.
        machines: of one cell.
        price_per_hour: of one cell.
        spare: share of the cells that may be lost at once; one cell at least.
    """
    if held < 1:
        raise ValueError("this cell holds nobody")
    needed = ceil(participants / held)
    spares = max(1, ceil(spare * needed))
    cells = needed + spares
    return Fleet(participants, cells, spares, cells * machines, cells * price_per_hour)


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
    return sum(by_process.values()) - by_process.get("load generator", 0.0)


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
