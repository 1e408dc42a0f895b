"""A long meeting with joins, leaves, mutes, rooms that come and go, and killed processes."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import psutil

from bench.attendee import Told
from bench.load import Crowd
from bench.load_plan import LoadPlan
from bench.load_report import percentiles
from bench.ports import free_port
from bench.processes import HELD, ProcessTree
from bench.rooms import IDLE_S, SETTLED_S
from bench.systems import System, running
from hoovik_client.tally import TICK_S

VICTIMS = ("AudioFeatures", "FaceFeatures", "FeatureEngineering", "Ensemble", "RoomHost")
ALL = "all"

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SoakPlan:
    """How long, how many, and how restless.

    Attributes:
        load: who comes, mutes, moves to a new room and leaves.
        kill_every_s: from one killed replica or room host to the next; 0: none is.
        sample_every_s: from one look at the processes to the next.
    """

    load: LoadPlan
    kill_every_s: float = 60.0
    sample_every_s: float = 10.0


def measure_soak(system: System, plan: SoakPlan, on_sample: Callable[[Figures], None]) -> Figures:
    """Start the service, soak it, and stop it.

    Returns:
        `samples`: every few seconds the time `t_s`, `held` as `ProcessTree.held` tells it with the
        sums as `all`, `results` so far and the `p95` since the sample before; `kills` with times;
        `growth_per_min` by process name; `results`: `counted` by the attendees, `told` by the
        service, `owed` for the time that it called live; `rooms_left`; `errors` by code;
        `latency_ms`, and `first_result_s` of every join.
    """
    calm = {"HOOVIK_ROOM__IDLE_S": str(IDLE_S)}
    system = System(system.name, system.command, {**system.environment, **calm})
    with running(system, free_port()) as (url, root):
        return asyncio.run(_soak(url, ProcessTree(root), plan, on_sample))


async def _soak(
    url: str, tree: ProcessTree, plan: SoakPlan, on_sample: Callable[[Figures], None]
) -> Figures:
    crowd = Crowd(url, plan.load)
    told = [one.told for one in crowd.attendees]
    begun_s = time.monotonic()
    kills: list[Figures] = []
    samples: list[Figures] = []
    beside = [
        asyncio.create_task(_sample(tree, told, plan, begun_s, samples, on_sample)),
        asyncio.create_task(_kill(tree, plan, begun_s, kills)),
    ]
    try:
        report = crowd.report(await crowd.attend())
    finally:
        for task in beside:
            task.cancel()
    await asyncio.sleep(SETTLED_S)
    async with httpx.AsyncClient() as http:
        stats = (await http.get(f"{url}/stats/json")).json()
    return {
        "samples": samples,
        "kills": kills,
        "growth_per_min": growth_per_min(samples),
        "results": {
            "counted": sum(one.tally.results for one in told),
            "told": stats["totals"]["results"],
            "owed": int(sum(one.tally.live_seconds(time.monotonic()) for one in told) / TICK_S),
        },
        "rooms_left": stats["rooms"],
        "errors": Counter(error["code"] for error in report["errors"]),
        "latency_ms": report["latency_ms"],
        "first_result_s": report["first_result_s"],
    }


async def _sample(
    tree: ProcessTree,
    told: Sequence[Told],
    plan: SoakPlan,
    begun_s: float,
    samples: list[Figures],
    on_sample: Callable[[Figures], None],
) -> None:
    seen = [0] * len(told)
    while True:
        await asyncio.sleep(plan.sample_every_s)
        held = await asyncio.to_thread(tree.held)
        newest = [
            ms for one, n in zip(told, seen, strict=True) for ms in one.tally.latencies_ms[n:]
        ]
        seen = [len(one.tally.latencies_ms) for one in told]
        samples.append(
            {
                "t_s": time.monotonic() - begun_s,
                "held": {**held, ALL: _sum(held)},
                "results": sum(one.tally.results for one in told),
                "p95": percentiles(newest)["p95"],
            }
        )
        on_sample(samples[-1])


async def _kill(tree: ProcessTree, plan: SoakPlan, begun_s: float, kills: list[Figures]) -> None:
    choice = random.Random(plan.load.seed)
    while plan.kill_every_s:
        await asyncio.sleep(plan.kill_every_s)
        name = choice.choice(VICTIMS)
        processes = await asyncio.to_thread(tree.named, name)
        if not processes:
            continue
        try:
            # Not the spare one, whose end nobody would notice.
            max(processes, key=lambda process: sum(process.cpu_times()[:2])).kill()
        except psutil.NoSuchProcess:
            continue
        kills.append({"t_s": time.monotonic() - begun_s, "name": name})


def _sum(held: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    return {kind: sum(one[kind] for one in held.values()) for kind in HELD}


def growth_per_min(samples: Sequence[Figures]) -> dict[str, dict[str, float]]:
    """Rise a minute of `processes`, `pss`, `files` and `threads`, by process name and of `all`.

    The median over all pairs of samples (Theil and Sen), in which the moments without a process that
    was killed do not count. Nor does the first third: models, rooms and allocators are still growing
    into their size. Of a name, all but the number is that of each of its processes on average, so
    that one process more is no growth of the others.
    """
    from scipy.stats import theilslopes  # not above: it takes every command a second

    later = samples[len(samples) // 3 :]
    growth: dict[str, dict[str, float]] = {}
    for name in sorted({name for sample in later for name in sample["held"]}):
        there = [sample for sample in later if name in sample["held"]]
        if len(there) < 2:
            continue
        minutes = [sample["t_s"] / 60 for sample in there]
        held = [_of_each(name, sample["held"][name]) for sample in there]
        growth[name] = {
            kind: float(theilslopes([one[kind] for one in held], minutes).slope) for kind in HELD
        }
    return growth


def _of_each(name: str, held: Mapping[str, float]) -> dict[str, float]:
    by = 1.0 if name == ALL else held["processes"]
    return {kind: number if kind == "processes" else number / by for kind, number in held.items()}
