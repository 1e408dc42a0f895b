import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ray.actor import ActorHandle
from ray.exceptions import RayError

from actors.membership import RoomEvent
from actors.room import Delivery, Item, StateItem
from deployments.ingress.connection import Connection
from hoovik.errors import CapacityError, ReplacedError, RoomUnavailableError
from hoovik.schema.outbound import EmotionError

logger = logging.getLogger(__name__)

KEEPALIVE_S = 2.0
FIRST_RETRY_S = 0.1
LAST_RETRY_S = 2.0
JOIN_TIMEOUT_S = 60.0
"""A cluster may have to start a node before a room has a place to run."""


class RoomLink:
    """One ingress replica's tie to one room: one subscription, however many sockets.

    When the room's process dies, the link finds the room again (Ray restarts it, empty), joins
    its participants anew with their last media state, and tells them; their sockets stay open.

    Args:
        room_id: the room.
        subscriber_id: this ingress replica.
        find: returns the room's actor, creating it if need be.
    """

    def __init__(
        self, room_id: str, subscriber_id: str, find: Callable[[], Awaitable[ActorHandle]]
    ) -> None:
        self._room_id = room_id
        self._subscriber_id = subscriber_id
        self._find = find
        self._connections: dict[str, Connection] = {}
        self._room: ActorHandle | None = None
        self._up = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None
        self.lost_items = 0
        self.restarts = 0

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
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._listen())
        deadline_s = time.monotonic() + JOIN_TIMEOUT_S
        while time.monotonic() < deadline_s:
            try:
                await asyncio.wait_for(self._up.wait(), deadline_s - time.monotonic())
                await self._join(connection)
            except TimeoutError:
                break
            except RayError:
                await asyncio.sleep(FIRST_RETRY_S)
                continue
            return
        raise RoomUnavailableError(f"the room did not come up within {JOIN_TIMEOUT_S:.0f} s")

    async def remove(self, connection: Connection) -> None:
        """Take a socket out of the room."""
        if self._connections.pop(connection.id, None) is None or self._room is None:
            return
        last = not self._connections
        if last:
            self._up.clear()
        try:
            if not connection.is_observer:
                await self._room.leave.remote(connection.id, connection.join.participant_id)
            if last:
                await self._room.unsubscribe.remote(self._subscriber_id)
        except RayError:
            logger.info("a room was gone before its last socket", extra={"room": self._room_id})

    async def deliver(self, connection: Connection, items: list[Item]) -> None:
        """Hand a socket's items to the room; while it is away they are lost, and counted."""
        if self._room is None or not self._up.is_set():
            self.lost_items += len(items)
            await asyncio.sleep(FIRST_RETRY_S)
            return
        participant_id = connection.join.participant_id
        try:
            delivery = await self._room.deliver.remote(connection.id, participant_id, items)
            if delivery is Delivery.UNKNOWN:
                self.lost_items += len(items)
                await self._join(connection)
        except RayError:
            # The listener sees the same death and brings the room back.
            self.lost_items += len(items)
            await asyncio.sleep(FIRST_RETRY_S)
            return
        if delivery is Delivery.REPLACED:
            raise ReplacedError(f"another socket has joined as {participant_id!r}")

    async def stats(self) -> dict[str, Any]:
        """The room's own counts, and this replica's."""
        own = {
            "sockets": self.connections,
            "lost_items": self.lost_items,
            "restarts": self.restarts,
        }
        if self._room is None or not self._up.is_set():
            return own
        try:
            return {**await self._room.stats.remote(), **own}
        except RayError:
            return own

    async def _join(self, connection: Connection) -> None:
        if connection.is_observer or self._room is None:
            return
        participant_id = connection.join.participant_id
        refusal = await self._room.join.remote(self._subscriber_id, connection.id, participant_id)
        if refusal is not None:
            raise CapacityError(refusal)
        state = StateItem(connection.state.mic_enabled, connection.state.camera_enabled)
        await self._room.deliver.remote(connection.id, participant_id, [state])

    async def _listen(self) -> None:
        retry_s = FIRST_RETRY_S
        while self._connections:
            try:
                self._room = await self._find()
                await self._follow(self._room)
                retry_s = FIRST_RETRY_S
            except RayError as fault:
                logger.warning(
                    "a room went away: %s", type(fault).__name__, extra={"room": self._room_id}
                )
            if self._up.is_set():
                self._up.clear()
                self.restarts += 1
                self._announce_restart()
            await asyncio.sleep(retry_s)
            retry_s = min(LAST_RETRY_S, 2 * retry_s)

    async def _follow(self, room: ActorHandle) -> None:
        stream = room.subscribe.options(num_returns="streaming").remote(self._subscriber_id)
        first = await anext(stream)
        await first
        rejoining = [member for member in self._connections.values() if self.restarts]
        for connection in rejoining:
            await self._join(connection)
        self._up.set()
        keepalive = asyncio.create_task(self._keep_alive(room))
        try:
            async for reference in stream:
                for event in await reference:
                    self._route(event)
        finally:
            keepalive.cancel()

    async def _keep_alive(self, room: ActorHandle) -> None:
        try:
            while await room.keepalive.remote(self._subscriber_id):
                await asyncio.sleep(KEEPALIVE_S)
        except RayError:
            return

    def _route(self, event: RoomEvent) -> None:
        for connection in list(self._connections.values()):
            watches = event.to_room and connection.is_observer
            if connection.id == event.connection_id or watches:
                connection.forward(event.event, event.payload)

    def _announce_restart(self) -> None:
        message = EmotionError(
            code="ROOM_RESTARTED",
            message="the room lost its process and begins anew; results resume in a moment",
            ts=time.time(),
        )
        for connection in list(self._connections.values()):
            connection.say(message)
