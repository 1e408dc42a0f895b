"""What came of a simulated load."""

from dataclasses import dataclass, field

import numpy as np

from bench.capacity.machine import Node
from bench.capacity.pool import Pool

LATE_S = 1.0
"""Time steps of the last second are not counted: their answers may come after the end."""

MIN_ANSWERED = 0.99

MAX_BUSY = 0.95
"""A thread or a node above this may have a queue that grows too slowly for some seconds to show it."""


@dataclass(frozen=True)
class Outcome:
    """Figures of one simulated cell.

    Attributes:
        participants: who was there.
        results: at the ingress.
        answered: share of the ticks of those who spoke or were seen that led to one.
        latency_ms: P50, P95 and P99 from the newest sample to its result, at the ingress.
        reaction_ms: the same from the beginning of the step: what more machines can change.
        utilisation: of the cores of all nodes.
        busiest_node: utilisation of the one that has least to spare.
        gpu_utilisation: None without one.
        cores: of speed 1, or GPUs, that each kind of process keeps busy.
        busiest: the thread that worked most, and its share of the time; 1 is all it can do.
        mean_batch: by pool.
    """

    participants: int
    results: int
    answered: float
    latency_ms: dict[str, float]
    reaction_ms: dict[str, float]
    utilisation: float
    busiest_node: float
    gpu_utilisation: float | None
    cores: dict[str, float]
    busiest: tuple[str, float]
    mean_batch: dict[str, float]

    @property
    def saturated(self) -> bool:
        """Whether time steps stay unanswered, or a node or a thread has nothing to spare."""
        busy = max(self.busiest_node, self.busiest[1])
        return self.answered < MIN_ANSWERED or busy > MAX_BUSY


@dataclass(frozen=True)
class Target:
    """What a cell has to keep to.

    Attributes:
        p95_ms: from the newest sample to its result.
        utilisation: of all cores; the rest is for what is not simulated.
    """

    p95_ms: float = 600.0
    utilisation: float = 0.8

    def met_by(self, outcome: Outcome) -> bool:
        """Whether the cell keeps up: within both, and not saturated."""
        return (
            not outcome.saturated
            and outcome.latency_ms["p95"] <= self.p95_ms
            and outcome.utilisation <= self.utilisation
        )


@dataclass
class Tally:
    """Counts time steps of `[begin_s, end_s - LATE_S)`, and their answers."""

    begin_s: float
    end_s: float
    owed: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    reactions_s: list[float] = field(default_factory=list)

    def owe(self, due_s: float, results: float) -> None:
        """So many results are due."""
        if self._counts(due_s):
            self.owed += results

    def answer(self, begun_s: float, newest_s: float, now: float) -> None:
        """A result is at the ingress: when its step began, and when its newest sample came."""
        if self._counts(begun_s):
            self.latencies_s.append(now - newest_s)
            self.reactions_s.append(now - begun_s)

    def _counts(self, at_s: float) -> bool:
        return self.begin_s <= at_s < self.end_s - LATE_S


def outcome_of(
    participants: int,
    tally: Tally,
    nodes: list[Node],
    gpus: list[Node],
    pools: dict[str, Pool],
    seconds: float,
) -> Outcome:
    """Figures of the last `seconds`, since when busy times are counted."""
    results = len(tally.latencies_s)
    threads = [thread for node in (*nodes, *gpus) for thread in node.threads]
    cores: dict[str, float] = {}
    for thread in threads:
        cores[thread.name] = (
            cores.get(thread.name, 0.0) + thread.busy_s * thread.node.speed / seconds
        )
    busiest = max(threads, key=lambda thread: thread.busy_s)
    return Outcome(
        participants=participants,
        results=results,
        answered=min(1.0, results / tally.owed) if tally.owed else 1.0,
        latency_ms=_percentiles_ms(tally.latencies_s),
        reaction_ms=_percentiles_ms(tally.reactions_s),
        utilisation=_utilisation(nodes, seconds),
        busiest_node=max(_utilisation([node], seconds) for node in nodes),
        gpu_utilisation=_utilisation(gpus, seconds) if gpus else None,
        cores=cores,
        busiest=(busiest.name, busiest.busy_s / seconds),
        mean_batch={name: pool.mean_batch() for name, pool in pools.items()},
    )


def _utilisation(nodes: list[Node], seconds: float) -> float:
    return sum(node.busy_s for node in nodes) / seconds / sum(node.cores for node in nodes)


def _percentiles_ms(values_s: list[float]) -> dict[str, float]:
    if not values_s:
        return dict.fromkeys(("p50", "p95", "p99"), float("inf"))
    values = np.percentile(values_s, [50, 95, 99]) * 1000
    return dict(zip(("p50", "p95", "p99"), values.tolist(), strict=True))
