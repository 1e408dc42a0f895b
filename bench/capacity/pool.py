"""A pool of replicas that answer in batches, as `deployments.batching.Batcher` does."""

import random
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from simpy.events import Event

from bench.capacity.machine import Node, Thread

Steps = Generator[Event, Any, Any]
"""A SimPy process."""


@dataclass(frozen=True)
class Stage:
    """What a pool's requests cost.

    Attributes:
        name: of the deployment.
        max_batch: longest batch.
        request_s: for each request, on the replica's event loop.
        batch_s: seconds to compute a batch of a size.
    """

    name: str
    max_batch: int
    request_s: float
    batch_s: Callable[[int], float]


class Replica:
    """One process of a pool: an event loop, and a thread that computes what has gathered."""

    def __init__(
        self, loop: Thread, compute: Thread, stage: Stage, vary: Callable[[float], float]
    ) -> None:
        self.node = loop.node
        self.ongoing = 0
        self.items = 0
        self.batches = 0
        self._loop = loop
        self._compute = compute
        self._stage = stage
        self._vary = vary
        self._waiting: deque[Event] = deque()
        self._running = False

    def answer(self) -> Steps:
        """Answer one request."""
        self.ongoing += 1
        yield self._loop.work(self._vary(self._stage.request_s))
        answered = self.node.env.event()
        self._waiting.append(answered)
        if not self._running:
            self.node.env.process(self._run())
        yield answered
        self.ongoing -= 1

    def _run(self) -> Steps:
        self._running = True
        while self._waiting:
            size = min(self._stage.max_batch, len(self._waiting))
            batch = [self._waiting.popleft() for _ in range(size)]
            self.items += size
            self.batches += 1
            yield self._compute.work(self._vary(self._stage.batch_s(size)))
            for answered in batch:
                answered.succeed()
        self._running = False


class Pool:
    """Replicas, of which a request takes the less loaded of two drawn at random, as Serve does."""

    def __init__(
        self,
        replicas: Sequence[Replica],
        chance: random.Random,
        travel: Callable[[Node, Node], Event],
    ) -> None:
        self.replicas = replicas
        self._chance = chance
        self._travel = travel

    def ask(self, came_from: Node) -> Generator[Event, Any, Node]:
        """One request from a node and its answer; returns the node that answered it.

        The way back is the asker's, since an answer may travel on to another pool.
        """
        drawn = self._chance.sample(self.replicas, min(2, len(self.replicas)))
        replica = min(drawn, key=lambda one: one.ongoing)
        yield self._travel(came_from, replica.node)
        yield from replica.answer()
        return replica.node

    def mean_batch(self) -> float:
        """Requests computed together; 0 where there were none."""
        batches = sum(one.batches for one in self.replicas)
        return sum(one.items for one in self.replicas) / batches if batches else 0.0

    def reset(self) -> None:
        """Count batches from now on."""
        for one in self.replicas:
            one.items = one.batches = 0
