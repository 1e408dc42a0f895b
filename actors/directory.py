import asyncio
import hashlib
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import ray
from ray import cloudpickle
from ray.exceptions import RayError

from actors.detached import detached, named, the_one
from actors.logs import set_up_logs
from actors.room_host import WARM_UP_S, RoomHost
from actors.roster import Census, Roster
from actors.supervisor import Supervisor
from actors.workers import Workers
from hoovik.errors import RoomUnavailableError
from hoovik.settings import Settings

T = TypeVar("T")

HostHandle: TypeAlias = Any
"""Ray's handle of a `RoomHost`. Its class types every method as one that never returns."""

DirectoryHandle: TypeAlias = Any
"""The same of a `Directory`."""

logger = logging.getLogger(__name__)

CENSUS_S = 1.0
ANSWER_S = 4.0
"""A host that has not answered by then is taken for dead, and killed to be so."""

START_S = 60.0
"""A cluster may have to start a node before a host has a place to run."""

PLACE_S = 50.0
ATTEND_S = 10.0
IDLE_S = 120.0
"""Without any ingress replica that attends it ends its hosts and itself after this long."""

LOST = (RayError, TimeoutError, ValueError)
"""How an actor that is dead, cut off or stuck shows in a call; `ray.get_actor` raises ValueError."""


@dataclass(frozen=True, slots=True)
class HostPlace:
    """Where a room is."""

    host_id: str
    handle: HostHandle


class Directory:
    """Remembers which room host has which room, and sees to it that there are hosts.

    It is asked once for each room by each ingress replica that has sockets in it. When it dies Ray
    starts another, which asks the hosts what they hold; rooms that are open do not notice.

    Args:
        key: names the hosts of this service, apart from those of one with other settings.
        settings: of the service.
        workers: the pools, pickled.
    """

    def __init__(self, key: str, settings: Settings, workers: bytes) -> None:
        set_up_logs(settings.telemetry)
        self._prefix = f"host-{key}-"
        self._settings = settings
        self._workers = workers
        self._roster = Roster(settings.room)
        self._handles: dict[str, HostHandle] = {}
        self._censuses: dict[str, Census] = {}
        self._starting: set[asyncio.Task[None]] = set()
        self._moving: dict[str, asyncio.Event] = {}
        self._changed = asyncio.Event()
        self._begun = self._knows = False
        self._attended_s = time.monotonic()
        self._supervisor = Supervisor()

    async def attend(self) -> int:
        """Say that an ingress replica is there; returns how many hosts are warm."""
        self._begin()
        self._attended_s = time.monotonic()
        return len(self._roster.hosts) if self._knows else 0

    async def find(self, room_ids: list[str], lost: Sequence[str] = ()) -> dict[str, HostPlace]:
        """The hosts of rooms; those that are nowhere are opened.

        Args:
            room_ids: the rooms.
            lost: hosts that the caller cannot reach; they are looked after first.

        Raises:
            RoomUnavailableError: no host came up in time.
        """
        self._begin()
        try:
            async with asyncio.timeout(PLACE_S):
                await self._until(lambda: self._knows)
                await asyncio.gather(*(self._see_to(host_id) for host_id in lost))
                places: dict[str, HostPlace] = {}
                while missing := [one for one in room_ids if one not in places]:
                    places |= await self._place(missing)
        except TimeoutError:
            raise RoomUnavailableError("no room host came up in time") from None
        return places

    async def move(self, room_id: str, to: str | None = None) -> str | None:
        """Hand a room over to another host, the least loaded where none is named.

        Returns:
            Where it is now; None: nowhere, or there is no other host for it.
        """
        self._begin()
        await self._until(lambda: self._knows and room_id not in self._moving)
        source = self._roster.host_of(room_id)
        if source is None:
            return None
        target = to if to is not None else self._roster.least_loaded(but=source)
        if target not in self._handles or target == source:
            return None
        done = self._moving[room_id] = asyncio.Event()
        try:
            state = await _within(self._handles[source].hand_over.remote(room_id))
            if state is None:
                return None
            await _within(self._handles[target].take_over.remote(state))
            self._roster.put(room_id, target, time.monotonic())
        except LOST as fault:
            logger.warning("a room could not move: %s", type(fault).__name__)
            await self._see_to(source)
            await self._see_to(target)
        finally:
            del self._moving[room_id]
            done.set()
            self._note_change()
        return self._roster.host_of(room_id)

    async def drain(self, host_id: str) -> bool:
        """Let a host take no more rooms and hand over those it has; True: it has none any more.

        Raises:
            TimeoutError: no other host came up in time.
        """
        self._begin()
        await self._until(lambda: self._knows)
        handle = self._handles.get(host_id)
        if handle is None:
            return False
        await _within(handle.accept.remote(False))
        await self._count(host_id, handle)
        self._start_missing()
        for room_id in sorted(self._roster.rooms_of(host_id)):
            await self._until(lambda: self._roster.least_loaded(but=host_id) is not None)
            await self.move(room_id)
        return not self._roster.rooms_of(host_id)

    async def hosts(self) -> dict[str, Census]:
        """What each host holds, asked anew."""
        self._begin()
        await self._until(lambda: self._knows)
        await asyncio.gather(*(self._count(*host) for host in list(self._handles.items())))
        return dict(self._censuses)

    def _begin(self) -> None:
        # Ray runs the constructor outside the event loop.
        if not self._begun:
            self._begun = True
            self._supervisor.keep("census", self._keep_count, essential=True)

    async def _place(self, room_ids: list[str]) -> dict[str, HostPlace]:
        """Hosts of those rooms that one could be found for; waits where there is none."""
        by_host: dict[str, list[str]] = {}
        for room_id in room_ids:
            if room_id in self._moving:
                await self._moving[room_id].wait()
            host_id = self._roster.place(room_id, time.monotonic())
            if host_id is not None:
                by_host.setdefault(host_id, []).append(room_id)
        self._start_missing()
        if not by_host:
            self._changed.clear()
            await self._changed.wait()
        opened = await asyncio.gather(*(self._open(one, rooms) for one, rooms in by_host.items()))
        return {room_id: place for places in opened for room_id, place in places.items()}

    async def _open(self, host_id: str, room_ids: list[str]) -> dict[str, HostPlace]:
        handle = self._handles[host_id]
        try:
            await _within(handle.open.remote(room_ids))
        except LOST:
            self._bury(host_id)
            return {}
        return dict.fromkeys(room_ids, HostPlace(host_id, handle))

    async def _see_to(self, host_id: str) -> None:
        """Find out whether a host is alive; one that is not is forgotten."""
        handle = self._handles.get(host_id)
        if handle is not None:
            await self._count(host_id, handle)

    async def _count(self, host_id: str, handle: HostHandle) -> None:
        asked_s = time.monotonic()
        try:
            census: Census = await _within(handle.census.remote())
            if host_id not in self._handles:
                return  # it was given up meanwhile
            self._censuses[host_id] = census
            twice = self._roster.heard(host_id, census, asked_s, time.monotonic())
            # One that is on its way may be at its new host before that is noted here.
            twice -= set(self._moving)
            if twice:
                logger.warning("%d rooms were in two hosts", len(twice))
                await _within(handle.close.remote(twice))
        except LOST as fault:
            logger.warning("a room host is gone: %s", type(fault).__name__)
            self._bury(host_id)

    def _bury(self, host_id: str) -> None:
        """Forget a host that is dead or does not answer; no room may come to be in two hosts."""
        self._roster.lose(host_id)
        self._censuses.pop(host_id, None)
        handle = self._handles.pop(host_id, None)
        if handle is not None:
            ray.kill(handle, no_restart=True)
        self._start_missing()
        self._note_change()

    async def _keep_count(self) -> None:
        """Ask the hosts what they hold, every so often, and have as many as are wanted."""
        if not self._knows:
            await self._meet_hosts()
            self._knows = True
            self._note_change()
        while True:
            await asyncio.gather(*(self._count(*host) for host in list(self._handles.items())))
            self._start_missing()
            if (relief := self._roster.relief()) is not None:
                await self.move(*relief)
            for host_id in self._roster.surplus(time.monotonic()):
                await self._dismiss(host_id)
            if time.monotonic() - self._attended_s > IDLE_S:
                await self._end()
            await asyncio.sleep(CENSUS_S)

    async def _meet_hosts(self) -> None:
        """Find the hosts that are there already: this process may not be the first."""
        for host_id, handle in (await asyncio.to_thread(named, self._prefix)).items():
            self._handles[host_id] = handle
        await asyncio.gather(*(self._count(*host) for host in list(self._handles.items())))

    def _start_missing(self) -> None:
        # The first one alone: a service that starts has enough to do.
        most = self._roster.missing() if self._roster.hosts else 1
        for _ in range(most - len(self._starting)):
            task = asyncio.create_task(self._start())
            self._starting.add(task)
            task.add_done_callback(self._starting.discard)

    async def _start(self) -> None:
        host_id = f"{self._prefix}{uuid.uuid4().hex[:8]}"
        handle = await asyncio.to_thread(_start_host, host_id, self._settings, self._workers)
        try:
            await asyncio.wait_for(handle.census.remote(), START_S)
        except LOST as fault:
            logger.warning("a room host did not come up: %s", type(fault).__name__)
            ray.kill(handle, no_restart=True)
            return
        try:
            await asyncio.wait_for(handle.warm_up.remote(), WARM_UP_S)
        except LOST as fault:
            # Pools that do not answer are no reason to have no host: its rooms will say so.
            logger.warning("a room host could not reach the pools: %s", type(fault).__name__)
        self._handles[host_id] = handle
        self._roster.add(host_id, time.monotonic())
        self._note_change()

    async def _dismiss(self, host_id: str) -> None:
        handle = self._handles[host_id]
        try:
            ended = await _within(handle.end.remote())
        except LOST:
            ended = True
        if ended:
            self._bury(host_id)

    async def _end(self) -> None:
        logger.info("nobody attends: the directory ends")
        for handle in self._handles.values():
            ray.kill(handle, no_restart=True)
        ray.kill(ray.get_runtime_context().current_actor, no_restart=True)

    def _note_change(self) -> None:
        self._changed.set()

    async def _until(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so; TimeoutError where it does not come to be."""
        async with asyncio.timeout(PLACE_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


def find_directory(settings: Settings, workers: Workers) -> DirectoryHandle:
    """The directory of a service, created if there is none. Blocks for a call to the control store.

    One of other settings or other code has another name, and hosts of its own; the old one ends when
    nobody attends.
    """
    key = hashlib.sha256(settings.model_dump_json().encode() + _code()).hexdigest()[:8]
    pickled: bytes = cloudpickle.dumps(workers)  # type: ignore[no-untyped-call]
    name, arguments = f"directory-{key}", (key, settings, pickled)
    return the_one(Directory, name, *arguments, max_concurrency=1000)


@cache
def _code() -> bytes:
    """Digest of the code that hosts run."""
    root = Path(__file__).resolve().parent.parent
    files = sorted(path for name in ("actors", "hoovik") for path in (root / name).rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).digest()


def _start_host(host_id: str, settings: Settings, workers: bytes) -> HostHandle:
    """A new room host, which outlives the directory that started it."""
    return detached(
        RoomHost,
        host_id,
        *(host_id, settings, workers),
        # Another takes its place, which is warm already.
        max_restarts=0,
        max_pending_calls=settings.room.max_pending_calls,
        max_concurrency=1000,
        scheduling_strategy="SPREAD",
    )


async def _within(answer: Awaitable[T]) -> T:
    """A host's answer; TimeoutError where it takes too long."""
    return await asyncio.wait_for(answer, ANSWER_S)
