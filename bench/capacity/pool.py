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
    """What a pool's work costs.

    Attributes:
        name: of the deployment.
        max_batch: longest batch.
        call_s: for each call, on the replica's event loop.
        batch_s: seconds to compute a batch of a size.
    """

    name: str
    max_batch: int
    call_s: float
    batch_s: Callable[[float], float]


@dataclass
class Call:
    """Requests that one replica answers together, and how they fared: as `actors.workers.Answer`.

    Attributes:
        left: requests not yet computed.
        done: comes with the last of them.
        node: where the answer is.
        work_s: how long the slowest of their batches took.
        depth: requests that waited when the last one was answered.
        each_s: what each request of the last batch took.
    """

    left: int
    done: Event
    node: Node
    work_s: float = 0.0
    depth: int = 0
    each_s: float = 0.0


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
        self._waiting: deque[Call] = deque()
        self._running = False

    def answer(self, requests: int) -> Generator[Event, Any, Call]:
        """Answer one call."""
        self.ongoing += 1
        yield self._loop.work(self._vary(self._stage.call_s))
        call = Call(requests, self.node.env.event(), self.node)
        self._waiting.extend([call] * requests)
        if not self._running:
            self._running = True
            self.node.env.process(self._run())
        yield call.done
        self.ongoing -= 1
        return call

    def _run(self) -> Steps:
        env = self.node.env
        while self._waiting:
            size = min(self._stage.max_batch, len(self._waiting))
            batch = [self._waiting.popleft() for _ in range(size)]
            self.items += size
            self.batches += 1
            begun_s = env.now
            yield self._compute.work(self._vary(self._stage.batch_s(size)))
            work_s = env.now - begun_s
            for call in batch:
                call.left -= 1
                call.work_s = max(call.work_s, work_s)
                call.depth, call.each_s = len(self._waiting), work_s / size
                if not call.left:
                    call.done.succeed()
        self._running = False


class Pool:
    """Replicas, of which a call takes the less loaded of two drawn at random, as Serve does."""

    def __init__(
        self,
        replicas: Sequence[Replica],
        chance: random.Random,
        travel: Callable[[Node, Node], Event],
    ) -> None:
        self.replicas = replicas
        self._chance = chance
        self._travel = travel

    def ask(self, came_from: Node, requests: int) -> Generator[Event, Any, Call]:
        """One call from a node, and its answer.

        The way back is the asker's, since an answer may travel on to another pool.
        """
        drawn = self._chance.sample(self.replicas, min(2, len(self.replicas)))
        replica = min(drawn, key=lambda one: one.ongoing)
        yield self._travel(came_from, replica.node)
        return (yield from replica.answer(requests))

    def mean_batch(self) -> float:
        """Requests computed together; 0 where there were none."""
        batches = sum(one.batches for one in self.replicas)
        return sum(one.items for one in self.replicas) / batches if batches else 0.0

    def reset(self) -> None:
        """Count batches from now on."""
        for one in self.replicas:
            one.items = one.batches = 0
