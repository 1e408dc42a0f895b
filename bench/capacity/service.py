"""The processes of a cell, placed on its nodes."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import simpy
from simpy.events import Event

from bench.capacity.load import SESSION, Load
from bench.capacity.machine import Node, Thread
from bench.capacity.measured import Measured
from bench.capacity.pool import Pool, Replica, Stage, Steps
from bench.capacity.processes import AUDIO, cores_by_process, replicas_for, stages
from bench.capacity.tally import Tally
from hoovik.session.congestion import SharedQueueing

SIGMA = 0.2
"""Of the lognormal factor, mean 1, on each piece of work: its P95 is 1.4 times its median."""

RAY_EVERY_S = 0.1


@dataclass(frozen=True)
class Hardware:
    """One node.

    Attributes:
        cores: virtual CPUs.
        speed: of each core, where 1 is the machine that was measured.
        gpus: how many; each is watched by a core that does nothing else.
    """

    cores: int
    speed: float = 1.0
    gpus: int = 0


class Service:
    """What rooms and participants find: doors, pools, and how long things take.

    Pools have the replicas that the arithmetic asks for, and so has the ingress, as many on each
    node. Each process goes where the most of a core is still free. Ray's own are on every node.
    """

    def __init__(
        self,
        env: simpy.Environment,
        hardware: tuple[Hardware, ...],
        rooms: Sequence[int],
        load: Load,
        measured: Measured,
        profile: str,
        device: str,
        tally: Tally,
        chance: random.Random,
    ) -> None:
        costs = measured.profiles[profile]
        self.env, self.load, self.tally, self.chance = env, load, tally, chance
        self.queueing = SharedQueueing(SESSION.tick_s)
        self.shell = costs.shell_ms
        self._hop_s, self._node_hop_s = measured.hop_ms / 1000, measured.node_hop_ms / 1000
        self.nodes = [Node(env, one.cores - one.gpus, one.speed) for one in hardware]
        self.gpus: list[Node] = []
        speed = min(one.speed for one in hardware)
        replicas = replicas_for(rooms, load, costs, device, nodes=len(hardware), speed=speed)
        self._expected = cores_by_process(
            rooms,
            load,
            costs,
            device,
            nodes=len(hardware),
            ingresses=replicas["ingress"],
            batched=False,
        )
        everywhere = self._expected["ingress"] + self._expected["ray"]
        self._placed = dict.fromkeys(self.nodes, everywhere / len(self.nodes))
        self._ingresses = [
            Thread(node, "ingress")
            for node in self.nodes
            for _ in range(replicas["ingress"] // len(self.nodes))
        ]
        for node in self.nodes:
            self.start(self._look_after(Thread(node, "ray")))
        self.pools: dict[str, Pool] = {}
        for name, stage in stages(costs, device).items():
            if name == AUDIO and device != "cpu":
                members = [
                    self._on_gpu(node, stage)
                    for node, one in zip(self.nodes, hardware, strict=True)
                    for _ in range(one.gpus)
                ]
            else:
                members = [self._on_cores(stage, replicas[name]) for _ in range(replicas[name])]
            self.pools[name] = Pool(members, chance, self.travel)

    def _look_after(self, ray: Thread) -> Steps:
        while True:
            yield self.work(ray, self.shell.node * RAY_EVERY_S)
            yield self.env.timeout(RAY_EVERY_S)

    def room_thread(self, size: int) -> Thread:
        """Where a room's actor runs."""
        return Thread(self._place(size / self.load.participants, "room"), "room")

    def _place(self, share: float, *names: str) -> Node:
        """The node with the most room for a share of what such processes work in all."""
        node = min(self.nodes, key=lambda one: self._placed[one] / one.cores / one.speed)
        self._placed[node] += share * sum(self._expected[name] for name in names)
        return node

    def door(self) -> Thread:
        """The ingress replica that gets one more socket."""
        return self.chance.choice(self._ingresses)

    def start(self, steps: Steps) -> None:
        """Let a process run."""
        self.env.process(steps)

    def vary(self, seconds: float) -> float:
        """A duration with its usual variation."""
        return seconds * math.exp(self.chance.gauss(-(SIGMA**2) / 2, SIGMA))

    def work(self, thread: Thread, milliseconds: float) -> Event:
        """Work of about so long."""
        return thread.work(self.vary(milliseconds / 1000))

    def travel(self, origin: Node, target: Node) -> Event:
        """A message's way between two processes."""
        return self.env.timeout(self._hop_s if origin is target else self._node_hop_s)

    def reset(self) -> None:
        """Count busy times and batches from now on."""
        for node in (*self.nodes, *self.gpus):
            node.reset()
        for pool in self.pools.values():
            pool.reset()

    def _on_cores(self, stage: Stage, replicas: int) -> Replica:
        node = self._place(1 / replicas, stage.name, f"{stage.name} loop")
        return Replica(
            Thread(node, f"{stage.name} loop"), Thread(node, stage.name), stage, self.vary
        )

    def _on_gpu(self, host: Node, stage: Stage) -> Replica:
        gpu = Node(self.env, 1)
        self.gpus.append(gpu)
        return Replica(
            Thread(host, f"{stage.name} loop"), Thread(gpu, stage.name), stage, self.vary
        )
