import re
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import psutil

_REPLICA = re.compile(r"ray::ServeReplica:\w+:(\w+)")
_ACTOR = re.compile(r"ray::(\w+?)(?:Actor)?\b")
_BINARIES = ("gcs_server", "raylet")
_AGENTS = ("ray/dashboard", "ray/_private")

HELD = ("processes", "pss", "files", "threads")

T = TypeVar("T")


class ProcessTree:
    """A process and all that descend from it, by what they are for.

    Args:
        root: the process.
        but: a child whose tree does not belong to it.
    """

    def __init__(self, root: psutil.Process, but: psutil.Process | None = None) -> None:
        self._root = root
        self._but = but

    def cpu_s(self) -> Counter[str]:
        """CPU seconds so far of the processes that live, by name."""
        seconds: Counter[str] = Counter()
        for name, times in self._each(lambda one: (self._name(one), one.cpu_times())):
            seconds[name] += times.user + times.system
        return seconds

    def memory_by_name_mb(self) -> dict[str, Counter[str]]:
        """Resident memory in 10^6 bytes: `rss`, and `pss`, which counts shared pages once, by name."""
        held: dict[str, Counter[str]] = {"rss": Counter(), "pss": Counter()}
        for name, memory in self._each(lambda one: (self._name(one), one.memory_full_info())):
            held["rss"][name] += memory.rss / 1e6
            held["pss"][name] += memory.pss / 1e6
        return held

    def memory_mb(self) -> dict[str, float]:
        """The same, of all together."""
        return {kind: held.total() for kind, held in self.memory_by_name_mb().items()}

    def names(self) -> Counter[str]:
        """How many processes there are of each name."""
        return Counter(self._each(self._name))

    def held(self) -> dict[str, dict[str, float]]:
        """What must not grow, by process name, of all its processes together.

        `processes` are their number, `pss` is memory in 10^6 bytes, `files` are open ones, and
        `threads` the tasks that the system runs for them.
        """
        held: dict[str, dict[str, float]] = {}
        for name, *numbers in self._each(self._holding):
            of = held.setdefault(name, dict.fromkeys(HELD, 0.0))
            for kind, number in zip(HELD, (1, *numbers), strict=True):
                of[kind] += number
        return held

    def named(self, name: str) -> list[psutil.Process]:
        """The processes of one name."""
        return [
            process
            for found, process in self._each(lambda one: (self._name(one), one))
            if found == name
        ]

    def _each(self, look: Callable[[psutil.Process], T]) -> list[T]:
        """What a look at each process shows; those that end meanwhile are left out."""
        others = set() if self._but is None else {self._but, *_descendants(self._but)}
        seen = []
        for process in [self._root, *_descendants(self._root)]:
            if process not in others:
                with suppress(psutil.Error), process.oneshot():
                    seen.append(look(process))
        return seen

    def _holding(self, process: psutil.Process) -> tuple[str, float, int, int]:
        pss_mb = process.memory_full_info().pss / 1e6
        return self._name(process), pss_mb, process.num_fds(), process.num_threads()

    def _name(self, process: psutil.Process) -> str:
        title = " ".join(process.cmdline())
        for pattern in (_REPLICA, _ACTOR):
            match = pattern.search(title)
            if match is not None:
                return match[1]
        if process.name() in _BINARIES:
            return str(process.name())
        if process != self._root and any(place in title for place in _AGENTS):
            return "ray agents"
        return "main process"


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.NoSuchProcess:
        return []
