"""From one simulated cell to a fleet: how many participants it holds, how many cells they need."""

from dataclasses import dataclass, replace
from math import ceil

from bench.capacity.cell import simulate
from bench.capacity.load import Load
from bench.capacity.measured import Costs, Measured
from bench.capacity.processes import AUDIO, cores_by_process, replicas_for
from bench.capacity.service import Hardware
from bench.capacity.tally import Outcome, Target

PRECISION = 0.05
"""The search ends when the largest load that holds is known so well."""


@dataclass(frozen=True)
class Cell:
    """A cell at the largest load that it holds.

    Attributes:
        hardware: its nodes.
        load: that load.
        outcome: what the simulation told of it.
        holds: whether it meets the target; False where not even the smallest room does.
        arithmetic: cores and GPUs that this load keeps busy: with full batches, and without any.
    """

    hardware: tuple[Hardware, ...]
    load: Load
    outcome: Outcome
    holds: bool
    arithmetic: tuple[float, float]


def largest(
    hardware: tuple[Hardware, ...],
    load: Load,
    measured: Measured,
    profile: str,
    device: str = "cpu",
    *,
    target: Target,
    seconds: float = 8.0,
    seed: int = 0,
) -> Cell:
    """Find the most participants that a cell holds, by bisection below what arithmetic allows.

    Args:
        hardware: the nodes.
        load: how participants behave; their number does not matter.
        measured: service times.
        profile: which encoders.
        device: where the audio encoder runs.
        target: what it has to keep to.
        seconds: simulated for each step of the search.
        seed: of everything random.

    Raises:
        KeyError: nothing was measured for that profile or device.
    """
    costs = measured.profiles[profile]

    def attempt(participants: int) -> Outcome:
        one = replace(load, participants=participants)
        return simulate(hardware, one, measured, profile, device, seconds=seconds, seed=seed)

    lowest = min(load.room_sizes)
    highest = max(lowest, _ceiling(hardware, load, costs, device, target, seed))
    best = attempt(lowest)
    while target.met_by(best) and highest - lowest > max(1, PRECISION * highest):
        middle = (lowest + highest) // 2
        outcome = attempt(middle)
        if target.met_by(outcome):
            lowest, best = middle, outcome
        else:
            highest = middle
    found = replace(load, participants=lowest)
    full, single = (
        sum(_busy(hardware, found, costs, device, seed, batched=batched).values())
        for batched in (True, False)
    )
    return Cell(hardware, found, best, target.met_by(best), (full, single))


def _busy(
    hardware: tuple[Hardware, ...],
    load: Load,
    costs: Costs,
    device: str,
    seed: int,
    *,
    batched: bool,
) -> dict[str, float]:
    """Cores by process, of the rooms and replicas that are simulated."""
    rooms, nodes = load.rooms(seed), len(hardware)
    speed = min(one.speed for one in hardware)
    ingresses = replicas_for(rooms, load, costs, device, nodes=nodes, speed=speed)["ingress"]
    return cores_by_process(
        rooms, load, costs, device, nodes=nodes, ingresses=ingresses, batched=batched
    )


def _ceiling(
    hardware: tuple[Hardware, ...],
    load: Load,
    costs: Costs,
    device: str,
    target: Target,
    seed: int,
) -> int:
    """Participants that would take all cores of the target, or all GPUs, with full batches."""
    rooms = replace(load, participants=1000).rooms(seed)
    nodes = len(hardware)
    busy = cores_by_process(rooms, load, costs, device, nodes=nodes, ingresses=nodes, batched=True)
    on_gpus = 0.0 if device == "cpu" else busy.pop(AUDIO)
    cores = target.utilisation * sum((one.cores - one.gpus) * one.speed for one in hardware)
    cores -= busy.pop("ray")
    most = 1000 * cores / sum(busy.values())
    if on_gpus:
        most = min(most, 1000 * sum(one.gpus for one in hardware) / on_gpus)
    return ceil(most)


@dataclass(frozen=True)
class Fleet:
    """Cells for a number of participants.

    Attributes:
        cells: with the spare ones.
        spare: how many may be lost at once; the others still hold everybody.
        nodes: of all cells.
        cost_per_hour: of all nodes.
    """

    participants: int
    cells: int
    spare: int
    nodes: int
    cost_per_hour: float


def fleet_for(participants: int, cell: Cell, price_per_hour: float, spare: float) -> Fleet:
    """Multiply a cell: cells share nothing, so each holds what the simulated one held.

    A lost node counts as a lost cell: its rooms move to the others.

    Args:
        participants: to be held.
        cell: as `largest` found it; one that holds nobody raises ValueError.
        price_per_hour: of the cell.
        spare: share of the cells that may be lost at once; one cell at least.
    """
    if not cell.holds:
        raise ValueError("this cell holds nobody")
    needed = ceil(participants / cell.load.participants)
    spares = max(1, ceil(spare * needed))
    cells = needed + spares
    nodes = cells * len(cell.hardware)
    return Fleet(participants, cells, spares, nodes, cells * price_per_hour)
