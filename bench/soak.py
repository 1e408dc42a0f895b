"""A long meeting with joins, leaves, mutes and killed processes: what grows, and what gets lost."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import psutil

from bench.load import ROOM_SIZE, sample_recordings
from bench.load_report import percentiles
from bench.ports import free_port
from bench.processes import ProcessTree
from bench.soak_script import restless
from bench.systems import System, running
from hoovik_client.client import Client
from hoovik_client.player import Player
from hoovik_client.tally import TICK_S, Tally

VICTIMS = ("AudioFeatures", "FaceFeatures", "FeatureEngineering", "Ensemble", "RoomSessionActor")
SETTLED_S = 25.0
"""After everybody has left: the last counts are in, and empty rooms have ended."""

ROOM_IDLE_S = 10.0

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SoakPlan:
    """How long, how many, and how restless.

    Attributes:
        participants: in rooms of eight.
        seconds: length.
        action_every_s: from one participant's mute, camera off or leave to its next, on average.
        kill_every_s: from one killed replica or room to the next; 0: none is.
        sample_every_s: from one look at the processes to the next.
        seed: of all of it.
    """

    participants: int
    seconds: float
    action_every_s: float = 30.0
    kill_every_s: float = 60.0
    sample_every_s: float = 10.0
    seed: int = 0


def measure_soak(system: System, plan: SoakPlan, on_sample: Callable[[Figures], None]) -> Figures:
    """Start the service, soak it, and stop it.

    Returns:
        `samples`: every few seconds the time `t_s`, `processes`, `files`, `rss` and `pss` in MB,
        `results` so far and the `p95` since the sample before; `kills` with times; `growth_per_min`
        of what must not grow, fitted after the first third; `results`: `counted` by the clients,
        `told` by the service, `owed` for the time that it called live; `rooms_left`; `errors` by
        code; `latency_ms`.
    """
    calm = {"HOOVIK_ROOM__IDLE_S": str(ROOM_IDLE_S)}
    system = System(system.name, system.command, {**system.environment, **calm})
    with running(system, free_port()) as (url, root):
        return asyncio.run(_soak(url, ProcessTree(root), plan, on_sample))


async def _soak(
    url: str, tree: ProcessTree, plan: SoakPlan, on_sample: Callable[[Figures], None]
) -> Figures:
    tallies = [Tally() for _ in range(plan.participants)]
    begun_s = time.monotonic()
    kills: list[Figures] = []
    samples: list[Figures] = []
    beside = [
        asyncio.create_task(_sample(tree, tallies, plan, begun_s, samples, on_sample)),
        asyncio.create_task(_kill(tree, plan, begun_s, kills)),
    ]
    await asyncio.gather(*(_play(url, index, plan, tally) for index, tally in enumerate(tallies)))
    for task in beside:
        task.cancel()
    await asyncio.sleep(SETTLED_S)
    async with httpx.AsyncClient() as http:
        stats = (await http.get(f"{url}/stats/json")).json()
    now_s = time.monotonic()
    return {
        "samples": samples,
        "kills": kills,
        "growth_per_min": growth_per_min(samples),
        "results": {
            "counted": sum(tally.results for tally in tallies),
            "told": stats["totals"]["results"],
            "owed": int(sum(tally.live_seconds(now_s) for tally in tallies) / TICK_S),
        },
        "rooms_left": stats["rooms"],
        "errors": Counter(error["code"] for tally in tallies for error in tally.errors),
        "latency_ms": percentiles([ms for tally in tallies for ms in tally.latencies_ms]),
    }


async def _play(url: str, index: int, plan: SoakPlan, tally: Tally) -> None:
    recordings = sample_recordings()
    recording = restless(
        recordings[index % len(recordings)], plan.seconds, plan.action_every_s, plan.seed + index
    )

    def make_client() -> Client:
        return Client(url, f"soak-{index}", room_id=f"soak-{index // ROOM_SIZE}", consent=True)

    await Player(make_client, recording, tally.take, tally.stop).play(plan.seconds)


async def _sample(
    tree: ProcessTree,
    tallies: Sequence[Tally],
    plan: SoakPlan,
    begun_s: float,
    samples: list[Figures],
    on_sample: Callable[[Figures], None],
) -> None:
    seen = [0] * len(tallies)
    while True:
        await asyncio.sleep(plan.sample_every_s)
        held = await asyncio.to_thread(tree.held)
        newest = [
            ms for tally, n in zip(tallies, seen, strict=True) for ms in tally.latencies_ms[n:]
        ]
        seen = [len(tally.latencies_ms) for tally in tallies]
        samples.append(
            {
                "t_s": time.monotonic() - begun_s,
                **held,
                "results": sum(tally.results for tally in tallies),
                "p95": percentiles(newest)["p95"],
            }
        )
        on_sample(samples[-1])


async def _kill(tree: ProcessTree, plan: SoakPlan, begun_s: float, kills: list[Figures]) -> None:
    choice = random.Random(plan.seed)
    while plan.kill_every_s:
        await asyncio.sleep(plan.kill_every_s)
        name = choice.choice(VICTIMS)
        processes = await asyncio.to_thread(tree.named, name)
        if not processes:
            continue
        try:
            choice.choice(processes).kill()
        except psutil.NoSuchProcess:
            continue
        kills.append({"t_s": time.monotonic() - begun_s, "name": name})


def growth_per_min(samples: Sequence[Figures]) -> dict[str, float]:
    """Rise a minute of `processes`, `files`, `rss` and `pss`.

    The median over all pairs of samples (Theil and Sen), in which the moments without a process that
    was killed do not count. Nor does the first third: models, rooms and allocators are still growing
    into their size.
    """
    from scipy.stats import theilslopes  # not above: it takes every command a second

    later = samples[len(samples) // 3 :]
    if len(later) < 2:
        return {}
    minutes = [sample["t_s"] / 60 for sample in later]
    return {
        name: float(theilslopes([sample[name] for sample in later], minutes).slope)
        for name in ("processes", "files", "rss", "pss")
    }
