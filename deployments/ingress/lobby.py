import logging
from functools import partial
from typing import Any

from actors.directory import find_directory
from actors.workers import Workers
from deployments.ingress.connection import Close, Connection, Send
from deployments.ingress.rooms import Rooms
from deployments.ingress.tokens import check_token
from hoovik.errors import CapacityError
from hoovik.schema.inbound import Join, parse_join
from hoovik.settings import Settings
from hoovik.telemetry.measures import SOCKETS
from hoovik.telemetry.meter import Meter

logger = logging.getLogger(__name__)


class Lobby:
    """Every socket of one ingress replica, and the rooms they are in.

    Attributes:
        meter: what this replica counts.
        rooms: the rooms that its sockets are in.
    """

    def __init__(self, settings: Settings, workers: Workers) -> None:
        self.settings = settings
        self.workers = workers
        self.meter = Meter()
        self.rooms = Rooms(settings, partial(find_directory, settings, workers), self.meter)
        self._sockets = 0

    async def admit(self, auth: Any, send: Send, close: Close) -> Connection:
        """Open a connection for a socket.

        Raises:
            JoinError: `auth` is not understood, or its token does not allow this.
            CapacityError: this replica has its sockets.
        """
        join = parse_join(auth)
        check_token(join, self.settings.auth)
        if self._sockets >= self.settings.serve.max_sockets:
            raise CapacityError(f"this replica has its {self._sockets} sockets; try again later")
        logger.info("a socket joins", extra=_who(join))
        self._count_socket(+1)
        tie = self.rooms.tie(join.room_id)
        connection = Connection(join, send, close, tie, self.settings, self.meter)
        tie.connections[connection.id] = connection
        connection.open()
        return connection

    async def dismiss(self, connection: Connection) -> None:
        """Close what `admit` opened: the socket is gone."""
        logger.info("a socket leaves", extra=_who(connection.join))
        self._count_socket(-1)
        await connection.ended()

    def _count_socket(self, change: int) -> None:
        self._sockets += change
        self.meter.gauge(SOCKETS, value=self._sockets)


def _who(join: Join) -> dict[str, str]:
    return {"room": join.room_id, "participant": join.participant_id, "role": str(join.role)}
