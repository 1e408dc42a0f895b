import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from itertools import count

from actors.directory import ATTEND_S, PLACE_S, DirectoryHandle, HostPlace
from actors.parcel import Departed, Displaced, Entry, HostEvent, Parcel, Refusal, RoomEvent
from actors.supervisor import Supervisor
from deployments.ingress.connection import Connection
from deployments.ingress.link import HOST_LOST, HostLink
from hoovik.errors import CapacityError, HoovikError, ReplacedError, RoomUnavailableError
from hoovik.schema.drop import Drop
from hoovik.schema.outbound import EmotionError
from hoovik.settings import Settings
from hoovik.telemetry.measures import DROPS
from hoovik.telemetry.meter import Meter

logger = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.05
LAST_PAUSE_S = 5.0
CALM_S = 30.0
"""A room that begins anew sooner than so long after the last time waits longer each time."""

ENTER_TIMEOUT_S = 60.0
ATTEND_FIRST_S = 0.5


class RoomTie:
    """One room, as the sockets of one ingress replica are in it.

    Attributes:
        id: its name.
        link: to the host that has it; None: not known.
        connections: sockets that are in it or about to be.
        entered: those of them that the host has let in.
        whole: whether the room, where it is now, knows what it knew.
        settling: whether its host is being looked for.
    """

    def __init__(self, room_id: str, rooms: "Rooms") -> None:
        self.id = room_id
        self.link: HostLink | None = None
        self.connections: dict[str, Connection] = {}
        self.entered: set[str] = set()
        self.whole = True
        self.settling = False
        self._rooms = rooms
        self._pause_s = FIRST_PAUSE_S
        self._restarted_s = float("-inf")

    async def add(self, connection: Connection) -> None:
        """Bring a socket into the room.

        Raises:
            CapacityError: the room is full, or the service has more to do than it can.
            RoomUnavailableError: the room did not come up in time.
        """
        try:
            async with asyncio.timeout(ENTER_TIMEOUT_S):
                while connection.id in self.connections:
                    link = self.link or await self._rooms.find(self)
                    if await self._rooms.enter(link, [self], only=connection):
                        return
                    await asyncio.sleep(FIRST_PAUSE_S)
        except TimeoutError:
            words = f"the room did not come up within {ENTER_TIMEOUT_S:.0f} s"
            raise RoomUnavailableError(words) from None

    async def remove(self, connection: Connection) -> None:
        """Take a socket out of the room."""
        if self.connections.pop(connection.id, None) is None:
            return
        self._rooms.waiting.pop(connection.id, None)
        self._rooms.forget_if_empty(self)
        if connection.id in self.entered:
            self.entered.discard(connection.id)
            if self.link is not None:
                await self.link.leave(self.id, connection.id)

    def brought(self, connection: Connection, *, urgent: bool) -> None:
        """Something came in that the next delivery should take, at once where it is urgent."""
        if connection.id not in self.connections:
            return  # it has left while a file of its sound was decoded
        self._rooms.waiting[connection.id] = self
        if urgent and self.link is not None:
            self.link.hurry()

    def entry(self, connection: Connection) -> Entry:
        """A socket, as its host is told of it."""
        who = None if connection.is_observer else connection.join.participant_id
        returns = connection.id in self.entered
        return Entry(self.id, connection.id, who, connection.state, returns)

    def route(self, event: RoomEvent) -> None:
        """Hand a message to the sockets that it is for."""
        for connection in list(self.connections.values()):
            watches = event.to_room and connection.is_observer
            if connection.id == event.connection_id or watches:
                connection.forward(event.event, event.payload, event.trace)

    def expel(self, connection_id: str, error: HoovikError) -> None:
        """Tell a socket why it has to go, and end it."""
        connection = self.connections.get(connection_id)
        if connection is not None:
            connection.expel(error)

    def announce_restart(self) -> None:
        """Tell everybody that what the room knew is lost."""
        message = EmotionError(
            code="ROOM_RESTARTED",
            message="the room lost its process and begins anew; results resume in a moment",
            ts=time.time(),
        )
        for connection in list(self.connections.values()):
            connection.say(message)

    def next_pause_s(self) -> float:
        """How long to wait before the room begins anew: it may be the room that is at fault."""
        if self.whole:
            return 0.0
        now = time.monotonic()
        calm = now - self._restarted_s > CALM_S
        self._pause_s = FIRST_PAUSE_S if calm else min(LAST_PAUSE_S, 2 * self._pause_s)
        self._restarted_s = now
        return self._pause_s


class Rooms:
    """The rooms that one ingress replica's sockets are in, and its links to their hosts.

    A room whose host dies, or which moves to another, is found again through the directory; its
    sockets stay open. Where it begins anew they are told, and joined with their last media state.

    Args:
        settings: of the service.
        find_directory: returns the directory, created if there is none; blocks.
        meter: counts what is lost while a room is away.

    Attributes:
        hosts: warm room hosts, as the directory last said.
        waiting: rooms by their sockets of which something waits for the next delivery.
    """

    def __init__(
        self, settings: Settings, find_directory: Callable[[], DirectoryHandle], meter: Meter
    ) -> None:
        self.hosts = 0
        self.waiting: dict[str, RoomTie] = {}
        self._settings = settings
        self._find_directory = find_directory
        self._directory: DirectoryHandle | None = None
        self._meter = meter
        self._id = uuid.uuid4().hex
        self._ties: dict[str, RoomTie] = {}
        self._links: dict[str, HostLink] = {}
        self._returns = count()
        self._suspects: set[str] = set()
        self.supervisor = Supervisor()

    def open(self) -> None:
        """Make itself known to the directory, and keep doing so; needs a running loop."""
        self.supervisor.keep("attend", self._attend)

    async def close(self) -> None:
        """Take leave of every host: this replica ends."""
        self.supervisor.close()
        await asyncio.gather(*(link.part() for link in self._links.values()))

    def tie(self, room_id: str) -> RoomTie:
        """The room of this name."""
        if room_id not in self._ties:
            self._ties[room_id] = RoomTie(room_id, self)
        return self._ties[room_id]

    def forget_if_empty(self, tie: RoomTie) -> None:
        """Forget a room without sockets."""
        if not tie.connections and self._ties.get(tie.id) is tie:
            del self._ties[tie.id]

    async def find(self, tie: RoomTie) -> HostLink:
        """The link to the host of a room; TimeoutError where the directory finds none."""
        places = await self._ask([tie.id])
        tie.link = self._link(places[tie.id])
        return tie.link

    async def enter(
        self, link: HostLink, ties: list[RoomTie], only: Connection | None = None
    ) -> bool:
        """Bring the sockets of rooms in; False where the host is gone, or has not all the rooms.

        Raises:
            CapacityError: `only` this one was to enter, and may not.
        """
        guests = {
            connection.id: (tie, connection)
            for tie in ties
            for connection in list(tie.connections.values())
            if connection is only or (only is None and connection.id in tie.entered)
        }
        try:
            entries = [tie.entry(connection) for tie, connection in guests.values()]
            refused = await link.enter(entries)
        except HOST_LOST:
            self.lost(link)
            return False
        whole = True
        for connection_id, (tie, connection) in guests.items():
            refusal = refused.get(connection_id)
            if refusal is None:
                tie.entered.add(connection_id)
            elif refusal.why is Refusal.FULL:
                if only is not None:
                    raise CapacityError(refusal.words)
                connection.expel(CapacityError(refusal.words))
            else:
                tie.link, tie.whole, whole = None, False, False
        return whole

    def parcels(self, link: HostLink) -> list[Parcel]:
        """What the sockets in a host's rooms sent since the last time."""
        sending = [
            (connection_id, tie)
            for connection_id, tie in self.waiting.items()
            if tie.link is link and connection_id in tie.entered
        ]
        for connection_id, _ in sending:
            del self.waiting[connection_id]
        parcels = (tie.connections[connection_id].parcel() for connection_id, tie in sending)
        return [parcel for parcel in parcels if parcel is not None]

    def take(self, event: HostEvent) -> None:
        """Hand on what a host said."""
        tie = self._ties.get(event.room_id)
        if tie is None:
            return
        if isinstance(event, RoomEvent):
            tie.route(event)
        elif isinstance(event, Displaced):
            tie.expel(event.connection_id, _replaced(event.participant_id))
        elif isinstance(event, Departed):
            self._bring_back([tie], whole=event.whole)

    def refused(self, link: HostLink, connection_id: str, why: Refusal) -> None:
        """Look after a socket whose parcel its host did not take."""
        tie = next((one for one in self._ties.values() if connection_id in one.entered), None)
        if tie is None or tie.link is not link:
            return
        if why is Refusal.REPLACED:
            tie.expel(connection_id, _replaced(tie.connections[connection_id].join.participant_id))
        elif why is Refusal.ELSEWHERE:
            self._bring_back([tie], whole=True)
        else:
            self._spawn(partial(self._enter_again, tie, link))

    def lost(self, link: HostLink) -> None:
        """Look for other hosts for the rooms of one that is gone."""
        if self._links.get(link.host_id) is not link:
            return
        del self._links[link.host_id]
        self._suspects.add(link.host_id)
        link.close()
        self._bring_back([one for one in self._ties.values() if one.link is link])

    def _bring_back(self, ties: list[RoomTie], *, whole: bool = False) -> None:
        """Look for rooms that are no longer where they were."""
        for tie in ties:
            tie.link = None
            tie.whole = tie.whole and whole
            if not whole:
                tie.announce_restart()
                self._lose(tie)
        ties = [tie for tie in ties if not tie.settling]
        for tie in ties:
            tie.settling = True
        if ties:
            self._spawn(partial(self._settle, ties))

    async def _settle(self, ties: list[RoomTie]) -> None:
        """Find the hosts of rooms, and bring their sockets in where they are not in already."""
        try:
            while away := [tie for tie in ties if tie.link is None and tie.entered]:
                await asyncio.sleep(max(tie.next_pause_s() for tie in away))
                with suppress(TimeoutError):
                    await self._place(away)
        finally:
            for tie in ties:
                tie.settling = False

    async def _place(self, ties: list[RoomTie]) -> None:
        places = await self._ask([tie.id for tie in ties])
        anew: dict[HostLink, list[RoomTie]] = {}
        for tie in ties:
            tie.link = self._link(places[tie.id])
            if not tie.whole:
                tie.whole = True
                anew.setdefault(tie.link, []).append(tie)
        await asyncio.gather(*(self.enter(link, some) for link, some in anew.items()))

    async def _enter_again(self, tie: RoomTie, link: HostLink) -> None:
        """Bring the sockets of a room in again: its host gave them up while nothing was heard."""
        if not await self.enter(link, [tie]) and tie.link is None:
            self._bring_back([tie])

    def _lose(self, tie: RoomTie) -> None:
        """What came for a room that has gone is of no use to the one that takes its place."""
        taken = [tie.connections[one].parcel() for one in tie.entered]
        items = sum(len(parcel.items) for parcel in taken if parcel is not None)
        self._meter.count(DROPS, Drop.ROOM_AWAY, by=items)

    def _link(self, place: HostPlace) -> HostLink:
        if place.host_id not in self._links:
            self._links[place.host_id] = HostLink(
                place, self._id, self, self._settings.session.beat_s, self._meter, self.supervisor
            )
        return self._links[place.host_id]

    def _spawn(self, work: Callable[[], Awaitable[None]]) -> None:
        self.supervisor.keep(f"return {next(self._returns)}", work)

    async def _ask(self, room_ids: list[str]) -> dict[str, HostPlace]:
        """Places of rooms; TimeoutError where the directory has none to tell."""
        lost = sorted(self._suspects)
        async with asyncio.timeout(ENTER_TIMEOUT_S):
            while True:
                try:
                    directory = await self._reach()
                    found: dict[str, HostPlace] = await asyncio.wait_for(
                        directory.find.remote(room_ids, lost), PLACE_S
                    )
                    self._suspects.difference_update(lost)
                    return found
                except (*HOST_LOST, RoomUnavailableError) as fault:
                    logger.warning("the directory did not answer: %s", type(fault).__name__)
                    self._directory = None
                    await asyncio.sleep(FIRST_PAUSE_S)

    async def _reach(self) -> DirectoryHandle:
        if self._directory is None:
            self._directory = await asyncio.to_thread(self._find_directory)
        return self._directory

    async def _attend(self) -> None:
        while True:
            try:
                directory = await self._reach()
                self.hosts = await asyncio.wait_for(directory.attend.remote(), ATTEND_S)
            except HOST_LOST:
                self._directory = None
            await asyncio.sleep(ATTEND_S if self.hosts else ATTEND_FIRST_S)


def _replaced(participant_id: str) -> ReplacedError:
    return ReplacedError(f"another socket has joined as {participant_id!r}")
