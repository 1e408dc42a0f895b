"""How many machines a number of participants needs: arithmetic from CPU times that were measured."""

from bisect import bisect_right
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from bench.costs import AUDIO, FACE, HOST, INGRESS, PARTS, Costs, Input
from hoovik.settings import SessionSettings

FLEETS = Path(__file__).with_name("fleets.yaml")
"""The example that ships. Its prices are no offer of anybody's."""

RAY = "Ray's own"

TICK_S = SessionSettings().tick_s

TARGET_UTILISATION = 0.7
"""Of a process' thread, that replicas are counted for and that autoscaling steers to."""

MOST = 100_000
"""Participants of a cell, where the search ends."""


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
    per_host: int = 64

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
