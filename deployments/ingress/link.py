import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from ray.exceptions import RayError

from actors.directory import RoomHandle
from actors.membership import Displaced, RoomEvent
from actors.parcel import Delivery, Parcel, Receipt
from deployments.ingress.beat import Beat
from deployments.ingress.connection import Connection
from hoovik.errors import CapacityError, ReplacedError, RoomUnavailableError
from hoovik.schema.drop import Drop
from hoovik.schema.outbound import EmotionError
from hoovik.telemetry.measures import DROPS
from hoovik.telemetry.meter import Meter

T = TypeVar("T")

logger = logging.getLogger(__name__)

KEEPALIVE_S = 2.0
FIRST_RETRY_S = 0.1
LAST_RETRY_S = 0.5

CALL_TIMEOUT_S = 5.0
JOIN_TIMEOUT_S = 60.0
"""A cluster may have to start a node before a room has a place to run."""

ROOM_LOST = (RayError, TimeoutError)
"""How a room that is dead, restarting, cut off or stuck shows in a call to it."""


class RoomLink:
    """One ingress replica's tie to one room: one subscription, however many sockets.

    When the room's process dies, the link finds the room again (Ray restarts it, empty), joins
    its participants anew with their last media state, and tells them; their sockets stay open.

    Args:
        room_id: the room.
        find: returns the room's actor, creating it if need be.
        beat_s: how often the room looks at its media.
        meter: counts what is lost while the room is away.

    Attributes:
        strain: share of its steps that the room could not begin lately, 0 to 1.
    """

    def __init__(
        self,
        room_id: str,
        find: Callable[[], Awaitable[RoomHandle]],
        beat_s: float,
        meter: Meter,
    ) -> None:
        self.strain = 0.0
        self._room_id = room_id
        self._beat_s = beat_s
        self._beat = Beat(beat_s)
        self._urgent = asyncio.Event()
        self._meter = meter
        self._find = find
        self._connections: dict[str, Connection] = {}
        self._room: RoomHandle | None = None
        self._subscriber_id = ""
        self._up = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None
        self._restarts = 0

    @property
    def connections(self) -> int:
        """Sockets of this replica in the room."""
        return len(self._connections)

    async def add(self, connection: Connection) -> None:
        """Bring a socket into the room.

        Raises:
            CapacityError: the room is full.
            RoomUnavailableError: the room did not come up in time.
        """
        self._connections[connection.id] = connection
        if self._listener is None:
            self._listener = asyncio.create_task(self._listen())
        deadline_s = time.monotonic() + JOIN_TIMEOUT_S
        while (left_s := deadline_s - time.monotonic()) > 0:
            try:
                await asyncio.wait_for(self._up.wait(), left_s)
                await self._join(connection)
            except ROOM_LOST:
                await asyncio.sleep(FIRST_RETRY_S)
                continue
            return
        raise RoomUnavailableError(f"the room did not come up within {JOIN_TIMEOUT_S:.0f} s")

    async def remove(self, connection: Connection) -> None:
        """Take a socket out of the room; with the last one the subscription ends."""
        if self._connections.pop(connection.id, None) is None:
            return
        room, subscriber_id = self._room, self._subscriber_id
        last = not self._connections
        if last and self._listener is not None:
            self._listener.cancel()
            self._listener = self._room = None
            self._up.clear()
        if room is None:
            return
        try:
            if not connection.is_observer:
                await _within(room.leave.remote(connection.id, connection.join.participant_id))
            if last:
                await _within(room.unsubscribe.remote(subscriber_id))
        except ROOM_LOST:
            logger.info("a room was gone before its last socket", extra={"room": self._room_id})

    def hurry(self) -> None:
        """Deliver at once."""
        self._urgent.set()

    async def _deliver(self, room: RoomHandle) -> None:
        """Bring the room what its sockets sent, one call for all of them just before each beat."""
        while True:
            await self._until_due()
            parcels = self._parcels()
            if not parcels:
                continue
            try:
                sent_s = time.monotonic()
                receipt = await _within(room.deliver.remote(parcels, sent_s))
                self._heard(receipt, sent_s)
            except ROOM_LOST:
                # The listener sees the same death and brings the room back.
                self._lose(parcels)
                await asyncio.sleep(FIRST_RETRY_S)
                continue
            self._lose([parcel for parcel in parcels if parcel.connection_id in receipt.refused])
            for connection_id, reason in receipt.refused.items():
                await self._refused(self._connections.get(connection_id), reason)

    def _parcels(self) -> list[Parcel]:
        """What has come in from all sockets since the last time."""
        return [parcel for one in self._connections.values() if (parcel := one.parcel())]

    async def _until_due(self) -> None:
        wait_s = self._beat.wait_s(time.monotonic())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._urgent.wait(), wait_s)
        self._urgent.clear()

    async def _refused(self, connection: Connection | None, reason: Delivery) -> None:
        if connection is None:
            return
        if reason is Delivery.REPLACED:
            connection.expel(_replaced(connection.join.participant_id))
            return
        try:
            await self._join(connection)
        except CapacityError as refusal:
            connection.expel(refusal)
        except ROOM_LOST:
            return  # the listener joins everyone again

    def _heard(self, receipt: Receipt, asked_s: float) -> None:
        self._beat.told(asked_s, time.monotonic(), receipt.beat_in_s)
        self.strain = receipt.strain

    def _lose(self, parcels: list[Parcel]) -> None:
        self._meter.count(DROPS, Drop.ROOM_AWAY, by=sum(len(one.items) for one in parcels))

    async def _join(self, connection: Connection) -> None:
        room = self._room
        if connection.is_observer or room is None:
            return
        participant_id = connection.join.participant_id
        refusal = await _within(
            room.join.remote(self._subscriber_id, connection.id, participant_id)
        )
        if refusal is not None:
            raise CapacityError(refusal)
        state = Parcel(connection.id, participant_id, [connection.state])
        await _within(room.deliver.remote([state], time.monotonic()))

    async def _listen(self) -> None:
        retry_s = FIRST_RETRY_S
        while True:
            try:
                room = await self._find()
                await self._follow(room)
                retry_s = FIRST_RETRY_S
            except ROOM_LOST as fault:
                cause = type(fault).__name__
                logger.warning("a room went away: %s", cause, extra={"room": self._room_id})
            if self._up.is_set():
                self._up.clear()
                self._restarts += 1
                self._announce_restart()
            await asyncio.sleep(retry_s)
            retry_s = min(LAST_RETRY_S, 2 * retry_s)

    async def _follow(self, room: RoomHandle) -> None:
        # A name of its own for each subscription: ending an old one never ends a newer one.
        subscriber_id = uuid.uuid4().hex
        stream = room.subscribe.options(num_returns="streaming").remote(subscriber_id)
        tasks: list[asyncio.Task[None]] = []
        try:
            async for reference in stream:
                events = await reference
                if not tasks:
                    self._room, self._subscriber_id = room, subscriber_id
                    self._beat = Beat(self._beat_s)
                    tasks = [
                        asyncio.create_task(self._keep_alive(room, subscriber_id)),
                        asyncio.create_task(self._deliver(room)),
                    ]
                    await self._rejoin()
                    self._up.set()
                for event in events:
                    self._route(event)
        finally:
            for task in tasks:
                task.cancel()

    async def _rejoin(self) -> None:
        """After a restart, bring everyone back who was there; a first join comes by `add`."""
        if not self._restarts:
            return
        self._lose(self._parcels())
        for connection in list(self._connections.values()):
            try:
                await self._join(connection)
            except CapacityError as refusal:
                connection.expel(refusal)

    async def _keep_alive(self, room: RoomHandle, subscriber_id: str) -> None:
        try:
            while True:
                asked_s = time.monotonic()
                receipt = await _within(room.keepalive.remote(subscriber_id))
                if receipt is None:
                    return
                self._heard(receipt, asked_s)
                await asyncio.sleep(KEEPALIVE_S)
        except ROOM_LOST:
            return

    def _route(self, event: RoomEvent | Displaced) -> None:
        if isinstance(event, Displaced):
            displaced = self._connections.get(event.connection_id)
            if displaced is not None:
                displaced.expel(_replaced(event.participant_id))
            return
        for connection in list(self._connections.values()):
            watches = event.to_room and connection.is_observer
            if connection.id == event.connection_id or watches:
                connection.forward(event.event, event.payload, event.trace)

    def _announce_restart(self) -> None:
        message = EmotionError(
            code="ROOM_RESTARTED",
            message="the room lost its process and begins anew; results resume in a moment",
            ts=time.time(),
        )
        for connection in list(self._connections.values()):
            connection.say(message)


async def _within(answer: Awaitable[T]) -> T:
    """A room's answer; TimeoutError where it takes too long."""
    return await asyncio.wait_for(answer, CALL_TIMEOUT_S)


def _replaced(participant_id: str) -> ReplacedError:
    return ReplacedError(f"another socket has joined as {participant_id!r}")
