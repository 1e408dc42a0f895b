import asyncio
import logging
from typing import Any

from actors.directory import RoomHandle, find_room
from actors.workers import Workers
from deployments.ingress.connection import Close, Connection, Send
from deployments.ingress.link import RoomLink
from deployments.ingress.tokens import check_token
from hoovik.errors import CapacityError
from hoovik.schema.inbound import Join, Role, parse_join
from hoovik.settings import Settings
from hoovik.telemetry.measures import SOCKETS
from hoovik.telemetry.meter import Meter

logger = logging.getLogger(__name__)


class Lobby:
    """Every socket of one ingress replica, and the rooms they are in.

    Attributes:
        meter: what this replica counts.
    """

    def __init__(self, settings: Settings, workers: Workers) -> None:
        self.settings = settings
        self.workers = workers
        self.meter = Meter()
        self._links: dict[str, RoomLink] = {}
        self._sockets = 0

    async def admit(self, auth: Any, send: Send, close: Close) -> Connection:
        """Open a connection for a socket.

        Raises:
            JoinError: `auth` is not understood, or its token does not allow this.
            CapacityError: this replica has its sockets, or the service has more to do than it can.
        """
        join = parse_join(auth)
        check_token(join, self.settings.auth)
        if self._sockets >= self.settings.serve.max_sockets:
            raise CapacityError(f"this replica has its {self._sockets} sockets; try again later")
        if join.role is Role.PARTICIPANT and self.strain > self.settings.serve.max_strain:
            raise CapacityError(
                f"the service cannot begin {self.strain:.0%} of its time steps; try again later"
            )
        logger.info("a socket joins", extra=_who(join))
        self._count_socket(+1)
        link = self._link(join.room_id)
        connection = Connection(join, send, close, link, self.settings, self.meter)
        connection.open()
        return connection

    async def dismiss(self, connection: Connection) -> None:
        """Close what `admit` opened: the socket is gone."""
        logger.info("a socket leaves", extra=_who(connection.join))
        self._count_socket(-1)
        await connection.ended()
        link = self._links.get(connection.join.room_id)
        if link is not None and not link.connections:
            del self._links[connection.join.room_id]

    @property
    def strain(self) -> float:
        """Share of the time steps that lately could not begin, in the worst of the rooms here.

        All rooms share the pools: the rooms of one replica tell of all.
        """
        return max((link.strain for link in self._links.values()), default=0.0)

    def _count_socket(self, change: int) -> None:
        self._sockets += change
        self.meter.gauge(SOCKETS, value=self._sockets)

    def _link(self, room_id: str) -> RoomLink:
        if room_id not in self._links:

            async def find() -> RoomHandle:
                return await asyncio.to_thread(find_room, room_id, self.settings, self.workers)

            self._links[room_id] = RoomLink(room_id, find, self.settings.session.beat_s, self.meter)
        return self._links[room_id]


def _who(join: Join) -> dict[str, str]:
    return {"room": join.room_id, "participant": join.participant_id, "role": str(join.role)}
