"""What rooms cost by themselves: how soon many of them open, and what they take open and idle."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.live import measure
from bench.load_plan import LoadPlan
from bench.ports import free_port
from bench.processes import ProcessTree
from bench.systems import System, running

ROOM_PROCESSES = ("RoomHost", "Ingress", "Directory")
"""Those that have something to do for a room in which nobody sends anything."""

IDLE_S = 10.0
"""Rooms of this measurement end so soon after their last participant has left."""

SETTLED_S = 25.0
"""After everybody has left: rooms have ended, and the last counts are in."""

LISTEN_S = 10.0
"""After the last room has been asked for: what is admitted has its first result by then."""

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RoomsPlan:
    """How many rooms of one participant each.

    Attributes:
        opened: by participants who stream, evenly within `within_s`; 0: this part is left out.
        within_s: seconds.
        idle: opened by participants who send nothing; 0: this part is left out.
        seconds: for which the idle ones are looked at.
    """

    opened: int = 100
    within_s: float = 10.0
    idle: int = 200
    seconds: float = 20.0


def measure_rooms(system: System, plan: RoomsPlan) -> Figures:
    """Start the service, open rooms in it, and stop it.

    Returns:
        `opened`: a load's report, of which `first_result_s` is of those who were let in, `refused_s`
        of the others; `idle`: see `idle_figures`, the memory before being that of the same service
        when the rooms of the first part have ended. A part that was left out is None.
    """
    ends = {"HOOVIK_ROOM__IDLE_S": str(IDLE_S)}
    system = System(system.name, system.command, {**system.environment, **ends})
    opened = idle = None
    with running(system, free_port()) as (url, root):
        if plan.opened:
            load = LoadPlan(
                plan.opened,
                plan.within_s + LISTEN_S,
                rooms=plan.opened,
                join_seconds=plan.within_s,
            )
            opened = measure(url, load, root)
        if plan.idle:
            if plan.opened:
                time.sleep(SETTLED_S)
            before = ProcessTree(root).held()
            load = LoadPlan(
                plan.idle,
                plan.seconds,
                rooms=plan.idle,
                join_seconds=plan.within_s,
                warm=True,
                idle=True,
            )
            idle = idle_figures(before, measure(url, load, root), plan)
    return {"opened": opened, "idle": idle}


def idle_figures(
    before: Mapping[str, Mapping[str, float]], report: Figures, plan: RoomsPlan
) -> Figures:
    """What open rooms add to the processes that hold them.

    Args:
        before: what each held without rooms, as `ProcessTree.held` tells.
        report: of a load of idle participants, as `measure` returns it.
        plan: how many there were.

    Returns:
        `rooms` that were let in; `pss_mb_per_room`: growth of room hosts, ingress and directory,
        a process that was started for these rooms included; `cpu_share`: of one core, the same
        processes together; and by their names `pss_mb_before`, `pss_mb`, `processes_before`,
        `processes`, `cpu_seconds`.
    """
    rooms = report["joined"]
    held_mb = {name: before.get(name, {}).get("pss", 0.0) for name in ROOM_PROCESSES}
    holds_mb = {name: report["pss_mb"].get(name, 0.0) for name in ROOM_PROCESSES}
    cpu_s = {name: report["cpu_seconds"].get(name, 0.0) for name in ROOM_PROCESSES}
    return {
        "rooms": rooms,
        "pss_mb_per_room": (sum(holds_mb.values()) - sum(held_mb.values())) / max(1, rooms),
        "cpu_share": sum(cpu_s.values()) / plan.seconds,
        "pss_mb_before": held_mb,
        "pss_mb": holds_mb,
        "processes_before": {
            name: int(before.get(name, {}).get("processes", 0)) for name in ROOM_PROCESSES
        },
        "processes": {name: report["processes"].get(name, 0) for name in ROOM_PROCESSES},
        "cpu_seconds": cpu_s,
    }
