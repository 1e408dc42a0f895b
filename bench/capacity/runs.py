"""Runs of `hoovik bench live`: what they took, what they asked for, and the same load simulated."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.capacity.cell import simulate
from bench.capacity.load import Load
from bench.capacity.measured import Measured, batch_seconds
from bench.capacity.processes import POOLS, Rates
from bench.capacity.service import Hardware

ROOM, INGRESS, GENERATOR = "RoomSessionActor", "Ingress", "load generator"
ROOM_SIZE = 8
"""Rooms of `bench.load`, in which nobody ever pauses."""


def load_of(live: dict[str, Any]) -> Load:
    """What a run of `hoovik bench live` did to the service."""
    return Load(live["participants"], {ROOM_SIZE: 1.0}, speakers=ROOM_SIZE, talking=1.0)


@dataclass(frozen=True)
class Run:
    """One run of `hoovik bench live`: CPU milliseconds by process, and what was to be done."""

    cpu_ms: dict[str, float]
    rates: Rates
    seconds: float

    @classmethod
    def of(cls, live: dict[str, Any]) -> "Run":
        """Read a report."""
        load = load_of(live)
        rooms = load.rooms(0)
        answered = live["results"] / live["seconds"] / Rates.of(rooms, load, 1).results
        cpu_ms = {name: 1000 * seconds for name, seconds in live["cpu_seconds"].items()}
        return cls(cpu_ms, Rates.of(rooms, load, 1, answered=answered), live["seconds"])

    @property
    def ray_ms(self) -> float:
        """Of every process that is neither pool, room nor ingress."""
        others = self.cpu_ms.keys() - {*POOLS, ROOM, INGRESS, GENERATOR}
        return sum(self.cpu_ms[name] for name in others)

    def computing_ms(self, pool: str, by_batch: dict[int, float]) -> float:
        """What the models of a pool take by themselves, each call a batch of its own."""
        requests, calls = self.rates.requests[pool], self.rates.calls[pool]
        return self.seconds * calls * 1000 * batch_seconds(by_batch, requests / calls)


def agreement(measured: Measured, lives: Sequence[dict[str, Any]], cores: int) -> list[str]:
    """Lines of a Markdown table: each run, and the same load on one simulated node of so many cores."""
    lines = [
        "| participants | P50, P95 measured | simulated | busy cores, measured | simulated |",
        "|---|---|---|---|---|",
    ]
    for live in lives:
        told = simulate((Hardware(cores),), load_of(live), measured, "embedded", seconds=20.0)
        busy_s = sum(live["cpu_seconds"].values()) - live["cpu_seconds"].get(GENERATOR, 0.0)
        cells = [
            str(live["participants"]),
            *(
                f"{one['p50']:.0f}, {one['p95']:.0f} ms"
                for one in (live["latency_ms"], told.latency_ms)
            ),
            f"{busy_s / live['seconds']:.2f}",
            f"{sum(told.cores.values()):.2f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines
