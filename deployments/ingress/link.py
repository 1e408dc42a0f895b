import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Protocol, TypeVar

from ray.exceptions import RayError

from actors.directory import HostPlace
from actors.parcel import Entry, HostEvent, Parcel, Receipt, Refusal, Refused
from actors.supervisor import Supervisor
from deployments.ingress.beat import Beat
from hoovik.schema.drop import Drop
from hoovik.telemetry.measures import DROPS
from hoovik.telemetry.meter import Meter

T = TypeVar("T")

logger = logging.getLogger(__name__)

KEEPALIVE_S = 2.0
CALL_TIMEOUT_S = 4.0

MOST_FAULTS = 3
"""Calls in a row without an answer after which a host counts as lost."""

MAX_UNREAD = 64
"""Lots of events that wait here to be read; beyond that they wait in the host's mailbox."""

HOST_LOST = (RayError, TimeoutError, ValueError)
"""How a host that is dead, cut off or stuck shows in a call to it."""


class Guests(Protocol):
    """The sockets of an ingress replica, as a link sees them."""

    def parcels(self, link: "HostLink") -> list[Parcel]:
        """What those in the host's rooms sent since the last time."""
        ...

    def take(self, event: HostEvent) -> None:
        """Hand on what the host said."""
        ...

    def refused(self, link: "HostLink", connection_id: str, why: Refusal) -> None:
        """Look after a socket whose parcel the host did not take."""
        ...

    def lost(self, link: "HostLink") -> None:
        """Look for other hosts: this one is gone."""
        ...


class HostLink:
    """One ingress replica's tie to one room host: one subscription, however many rooms and sockets.

    Args:
        place: the host.
        link_id: of the replica, the same at all hosts.
        guests: whom it is for.
        beat_s: how often rooms look at their media.
        meter: counts what is lost on the way.
        supervisor: keeps its tasks going.
    """

    def __init__(
        self,
        place: HostPlace,
        link_id: str,
        guests: Guests,
        beat_s: float,
        meter: Meter,
        supervisor: Supervisor,
    ) -> None:
        self.host_id = place.host_id
        self._host = place.handle
        self._id = link_id
        self._guests = guests
        self._beat = Beat(beat_s)
        self._urgent = asyncio.Event()
        self._up = asyncio.Event()
        self._meter = meter
        self._supervisor = supervisor
        self._called_s = time.monotonic()
        self._faults = 0
        self._tasks = {
            f"{name} {self.host_id}": work
            for name, work in (
                ("listen", self._listen),
                ("deliver", self._deliver),
                ("keepalive", self._keep_alive),
            )
        }
        for name, work in self._tasks.items():
            supervisor.keep(name, work)

    def close(self) -> None:
        """Have no more to do with the host."""
        for name in self._tasks:
            self._supervisor.end(name)

    async def part(self) -> None:
        """Take leave of the host, with all sockets."""
        self.close()
        with suppress(*HOST_LOST):
            await self._call(self._host.unsubscribe)

    async def enter(self, entries: list[Entry]) -> dict[str, Refused]:
        """Bring sockets into their rooms; returns who may not, by connection.

        Raises:
            RayError, TimeoutError: the host is lost.
        """
        # What a room says to a newcomer must find its way back.
        await asyncio.wait_for(self._up.wait(), CALL_TIMEOUT_S)
        refused: dict[str, Refused] = await self._call(self._host.enter, entries)
        return refused

    async def leave(self, room_id: str, connection_id: str) -> None:
        """Take a socket out of its room, if the host is there to be told."""
        with suppress(*HOST_LOST):
            await self._call(self._host.leave, [(room_id, connection_id)])

    def hurry(self) -> None:
        """Deliver at once."""
        self._urgent.set()

    async def _call(self, method: Callable[..., object], *arguments: object) -> T:
        """The host's answer to a call, each of which is a sign of life."""
        self._called_s = time.monotonic()
        answer: Awaitable[T] = method.remote(self._id, *arguments)  # type: ignore[attr-defined]
        return await asyncio.wait_for(answer, CALL_TIMEOUT_S)

    async def _deliver(self) -> None:
        """Bring the host what its sockets sent, one call for all of them just before each beat."""
        await self._up.wait()
        while True:
            await self._until_due()
            parcels = self._guests.parcels(self)
            if not parcels:
                continue
            try:
                sent_s = time.monotonic()
                receipt: Receipt = await self._call(self._host.deliver, parcels, sent_s)
            except HOST_LOST:
                self.lose(parcels)
                self._miss()
                continue
            self._heard(receipt, sent_s)
            self.lose(parcel for parcel in parcels if parcel.connection_id in receipt.refused)
            for connection_id, why in receipt.refused.items():
                self._guests.refused(self, connection_id, why)

    async def _until_due(self) -> None:
        wait_s = self._beat.wait_s(time.monotonic())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._urgent.wait(), wait_s)
        self._urgent.clear()

    def _heard(self, receipt: Receipt, asked_s: float) -> None:
        self._beat.told(asked_s, time.monotonic(), receipt.beat_in_s)
        self._faults = 0

    def _miss(self) -> None:
        """Note a call that was not answered. A dead host shows in its stream, and sooner."""
        self._faults += 1
        if self._faults >= MOST_FAULTS:
            self._guests.lost(self)

    def lose(self, parcels: Iterable[Parcel]) -> None:
        """Count what did not arrive."""
        self._meter.count(DROPS, Drop.ROOM_AWAY, by=sum(len(one.items) for one in parcels))

    async def _keep_alive(self) -> None:
        while True:
            asked_s = time.monotonic()
            if asked_s - self._called_s >= KEEPALIVE_S or not self._up.is_set():
                try:
                    self._heard(await self._call(self._host.keepalive), asked_s)
                except HOST_LOST:
                    self._miss()
            await asyncio.sleep(KEEPALIVE_S / 2)

    async def _listen(self) -> None:
        subscribe = self._host.subscribe.options(
            num_returns="streaming", _generator_backpressure_num_objects=MAX_UNREAD
        )
        try:
            async for reference in subscribe.remote(self._id):
                events: list[HostEvent] = await reference
                self._up.set()
                for event in events:
                    self._guests.take(event)
        except RayError as fault:
            logger.warning("a room host went away: %s", type(fault).__name__)
        # A host that ends a stream has given the replica up, or is no more.
        self._guests.lost(self)
