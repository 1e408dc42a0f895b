from typing import Any

import socketio

from deployments.ingress.connection import Connection, error_message
from deployments.ingress.lobby import Lobby
from hoovik.errors import AlreadyJoinedError, HoovikError
from hoovik.schema.inbound import JOIN_EVENTS
from hoovik.settings import AuthSettings
from hoovik.telemetry.measures import ERRORS

MAX_MESSAGE_BYTES = 16 * 2**20
"""Above every media limit, so that a message too large gets an answer and not a cut socket."""

MAX_UNSENT = 200
"""Packets waiting for a slow client; results beyond that are not sent."""


def build_socketio(lobby: Lobby, settings: AuthSettings) -> socketio.AsyncServer:
    """The Socket.IO side of the ingress: the events of the original client.

    WebSocket transport only: long polling would need sticky sessions between replicas.
    """
    origins = "*" if "*" in settings.allowed_origins else list(settings.allowed_origins)
    server = socketio.AsyncServer(
        async_mode="asgi",
        transports=["websocket"],
        cors_allowed_origins=origins,
        max_http_buffer_size=MAX_MESSAGE_BYTES,
        # The connection is confirmed first, so that a refusal can say why in an event.
        always_connect=True,
        # In order, and without a task for every chunk of a burst.
        async_handlers=False,
    )
    connections: dict[str, Connection] = {}

    @server.event
    async def connect(sid: str, _environ: dict[str, Any], auth: Any = None) -> None:
        async def send(event: str, payload: dict[str, Any]) -> None:
            if _unsent(server, sid) <= MAX_UNSENT:
                await server.emit(event, payload, to=sid)

        async def close(_error: HoovikError) -> None:
            await server.disconnect(sid)

        try:
            connections[sid] = await lobby.admit(auth, send, close)
        except HoovikError as refusal:
            message = error_message(refusal)
            lobby.meter.count(ERRORS, refusal.code)
            await server.emit(message.event, message.to_wire(), to=sid)
            await server.disconnect(sid)

    @server.event
    async def disconnect(sid: str, _reason: str | None = None) -> None:
        connection = connections.pop(sid, None)
        if connection is not None:
            await lobby.dismiss(connection)

    @server.on("*")
    async def receive(event: str, sid: str, *data: Any) -> None:
        connection = connections.get(sid)
        if connection is None:
            return
        try:
            if event in JOIN_EVENTS:
                raise AlreadyJoinedError("this socket has joined; a socket joins once, in its auth")
            connection.hear(event, data[0] if data else None)
        except HoovikError as error:
            connection.complain(error)

    return server


def _unsent(server: socketio.AsyncServer, sid: str) -> int:
    engine_id = server.manager.eio_sid_from_sid(sid, "/")
    socket = server.eio.sockets.get(engine_id)
    return 0 if socket is None else socket.queue.qsize()
