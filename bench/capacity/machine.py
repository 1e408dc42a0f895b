"""Nodes with cores, and the threads that share them."""

from collections import deque

import simpy
from simpy.events import Event

SLICE_S = 0.003
"""A thread that has more to do keeps its core for so long, as under Linux's scheduler."""


class Node:
    """Cores that take ready threads in the order in which they became ready.

    A piece of work keeps its core until it is done, and small ones follow within a time slice.

    Attributes:
        cores: how many pieces it works at once; a GPU is a node of one.
        speed: of each core, where 1 is the machine that was measured.
        busy_s: core seconds worked.
        threads: of its processes.
    """

    def __init__(self, env: simpy.Environment, cores: int, speed: float = 1.0) -> None:
        self.env = env
        self.cores = cores
        self.speed = speed
        self.busy_s = 0.0
        self.threads: list[Thread] = []
        self._free = cores
        self._ready: deque[Thread] = deque()

    def ready(self, thread: "Thread") -> None:
        """Let a thread work its next piece as soon as a core is free."""
        self._ready.append(thread)
        self._begin()

    def reset(self) -> None:
        """Count busy times from now on."""
        self.busy_s = 0.0
        for thread in self.threads:
            thread.busy_s = 0.0

    def _begin(self) -> None:
        while self._free and self._ready:
            self._start(self._ready.popleft())

    def _start(self, thread: "Thread", used_s: float = 0.0) -> None:
        self._free -= 1
        work_s, done = thread.take()
        seconds = work_s / self.speed

        def end(_: Event) -> None:
            self.busy_s += seconds
            thread.busy_s += seconds
            self._free += 1
            done.succeed()
            if thread.has_more and used_s + seconds < SLICE_S:
                self._start(thread, used_s + seconds)
                return
            thread.rest()
            self._begin()

        self.env.timeout(seconds).callbacks.append(end)


class Thread:
    """One thread of a process: its work is done in order, one piece at a time, on any free core.

    Attributes:
        node: where it runs.
        name: the process, as the reports call it.
        busy_s: seconds worked.
    """

    def __init__(self, node: Node, name: str) -> None:
        self.node = node
        self.name = name
        self.busy_s = 0.0
        self._queue: deque[tuple[float, Event]] = deque()
        self._scheduled = False
        node.threads.append(self)

    def work(self, seconds: float) -> Event:
        """Queue so much work, in seconds at speed 1; the event comes when it is done."""
        done = self.node.env.event()
        self._queue.append((seconds, done))
        if not self._scheduled:
            self._scheduled = True
            self.node.ready(self)
        return done

    @property
    def has_more(self) -> bool:
        """Whether work is queued."""
        return bool(self._queue)

    def take(self) -> tuple[float, Event]:
        """The next piece, for the node that begins it."""
        return self._queue.popleft()

    def rest(self) -> None:
        """A piece is done: queue for a core again if there is more."""
        self._scheduled = self.has_more
        if self._scheduled:
            self.node.ready(self)
