"""What each process does how often, at what cost: shared by the simulation and the arithmetic."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from math import ceil

from actors.calls import MAX_CALL
from bench.capacity.load import SESSION, Load
from bench.capacity.measured import Costs, batch_seconds
from bench.capacity.pool import Stage
from hoovik.audio.batch import CPU_WINDOWS

AUDIO, FACE, FEATURES, ENSEMBLE = POOLS = (
    "AudioFeatures",
    "FaceFeatures",
    "FeatureEngineering",
    "Ensemble",
)

MAX_BATCH = {AUDIO: CPU_WINDOWS, FACE: 8, FEATURES: 16, ENSEMBLE: 16}
"""As in `deployments`; a test compares them."""

TARGET_UTILISATION = 0.7
"""What replicas are counted for, and what the autoscaling of the pools steers to."""


def stages(costs: Costs, device: str) -> dict[str, Stage]:
    """The four pools, the audio encoder on a device (`cpu`, or a GPU's name); raises KeyError."""
    by_batch = {
        AUDIO: costs.audio_ms[device],
        FACE: costs.face_ms,
        FEATURES: costs.features_ms,
        ENSEMBLE: costs.ensemble_ms,
    }
    return {
        name: Stage(
            name,
            MAX_BATCH[name],
            costs.shell_ms.pool_calls[name] / 1000,
            partial(batch_seconds, by_batch[name]),
        )
        for name in POOLS
    }


@dataclass
class Rates:
    """Pieces of work a second, of all rooms together.

    Attributes:
        messages: at the ingress: chunks and frames that come, results that go.
        deliveries: calls of ingress replicas to rooms.
        steps: time steps of participants, in their rooms.
        results: of them that are owed one.
        events: batches of results from rooms to ingress replicas.
        requests, calls: of the rooms to the pools, by pool.
    """

    messages: float
    deliveries: float
    steps: float
    results: float
    events: float
    requests: dict[str, float] = field(default_factory=lambda: dict.fromkeys(POOLS, 0.0))
    calls: dict[str, float] = field(default_factory=lambda: dict.fromkeys(POOLS, 0.0))

    @classmethod
    def of(
        cls,
        rooms: Sequence[int],
        load: Load,
        ingresses: int,
        *,
        together: bool = True,
        answered: float = 1.0,
    ) -> "Rates":
        """What is to be expected if no step has to wait.

        Args:
            rooms: their sizes.
            load: how participants behave.
            ingresses: replicas, among which the sockets of a room are dealt.
            together: whether a room asks the models once for everybody; else those who were
                encoded by the slower encoder are asked for apart.
            answered: share of the ticks that there are.
        """
        sent = load.chunks_per_s + load.cameras * load.frames_per_s
        rates = cls(sum(rooms) * sent, 0.0, 0.0, 0.0, 0.0)
        for size, number in Counter(rooms).items():
            # Of so many replicas, so many hold a socket of the room.
            links = ingresses * (1 - (1 - 1 / ingresses) ** size)
            rates.deliveries += 2 * number * links / SESSION.tick_s
            ticks = answered * number / SESSION.tick_s
            rates.steps += ticks * size
            for speaking, cameras, probability in load.moments(size):
                watched = cameras * (1 - speaking / size)
                results, times = speaking + watched, ticks * probability
                groups = (results,) if together else (speaking, watched)
                asked = sum(_calls(group) for group in groups)
                rates.results += times * results
                for name, requests in ((AUDIO, speaking), (FACE, cameras)):
                    rates.requests[name] += times * requests
                    rates.calls[name] += times * _calls(requests)
                for name in (FEATURES, ENSEMBLE):
                    rates.requests[name] += times * results
                    rates.calls[name] += times * asked
                rates.events += times * asked * links
        rates.messages += rates.results
        return rates

    @property
    def room_calls(self) -> float:
        """Ends of calls at the rooms."""
        return self.deliveries + self.events + sum(self.calls.values())


def _calls(requests: float) -> int:
    return ceil(requests / MAX_CALL - 1e-9)


def cores_by_process(
    rooms: Sequence[int],
    load: Load,
    costs: Costs,
    device: str,
    *,
    nodes: int,
    ingresses: int,
    batched: bool,
) -> dict[str, float]:
    """Cores that each kind of process keeps busy: rates times costs, nothing else.

    Args:
        rooms: their sizes.
        load: how participants behave.
        costs: what was measured.
        device: of the audio encoder; on a GPU its share is the GPU's.
        nodes: of the cell, with Ray's own processes on each.
        ingresses: ingress replicas.
        batched: with full batches, and one call of the models for all of a room; else each call is
            a batch of its own, and a room's voices and faces are asked for apart.
    """
    rates, shell = Rates.of(rooms, load, ingresses, together=batched), costs.shell_ms
    cores = {
        "room": (rates.steps * shell.step + rates.room_calls * shell.room_call) / 1000,
        "ingress": (
            rates.messages * shell.message + (rates.deliveries + rates.events) * shell.ingress_call
        )
        / 1000,
        "ray": nodes * shell.node / 1000,
    }
    for name, stage in stages(costs, device).items():
        requests, calls = rates.requests[name], rates.calls[name]
        batches = requests / stage.max_batch if batched else calls
        cores[name] = batches * stage.batch_s(requests / batches) if batches else 0.0
        cores[f"{name} loop"] = calls * stage.call_s
    return cores


def replicas_for(
    rooms: Sequence[int], load: Load, costs: Costs, device: str, *, nodes: int, speed: float = 1.0
) -> dict[str, int]:
    """Replicas of each pool and of the ingress that keep either thread below the target.

    Counted without batches, on cores of a speed. Each node has as many ingress replicas as others.
    """

    def needed(ingresses: int) -> dict[str, int]:
        cores = cores_by_process(
            rooms, load, costs, device, nodes=nodes, ingresses=ingresses, batched=False
        )
        busier = {
            name: max(cores[name], cores.get(f"{name} loop", 0)) for name in (*POOLS, "ingress")
        }
        return {
            name: max(1, ceil(one / speed / TARGET_UTILISATION)) for name, one in busier.items()
        }

    ingresses = nodes
    while (found := needed(ingresses))["ingress"] > ingresses:
        ingresses += nodes
    return {**found, "ingress": ingresses}
