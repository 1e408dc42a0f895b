import asyncio
from typing import Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from deployments.ingress.closing import Message
from deployments.ingress.connection import Connection, error_message
from deployments.ingress.lobby import Lobby
from hoovik.errors import AlreadyJoinedError, CapacityError, HoovikError, NotJoinedError
from hoovik.schema.framing import pack_event, unpack, unpack_event
from hoovik.schema.inbound import JOIN_EVENTS
from hoovik.settings import AuthSettings
from hoovik.telemetry.measures import ERRORS

POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013

JOIN_WITHIN_S = 10.0
"""A socket that has not said who it is by then is closed."""


def build_websocket(lobby: Lobby) -> APIRouter:
    """The plain WebSocket side of the ingress, at ``/ws``; `hoovik.schema.framing` says how."""
    router = APIRouter()

    @router.websocket("/ws")
    async def serve(socket: WebSocket) -> None:
        await socket.accept()
        if not _origin_allowed(socket, lobby.settings.auth):
            await socket.close(POLICY_VIOLATION)
            return
        session = _Session(socket, lobby)
        try:
            await asyncio.wait_for(session.join(), JOIN_WITHIN_S)
            while True:
                await session.receive(await socket.receive())
        except TimeoutError:
            await socket.close(POLICY_VIOLATION)
        except (WebSocketDisconnect, RuntimeError):
            # Starlette raises RuntimeError where a socket is used after its close.
            pass
        finally:
            await session.ended()

    return router


def _origin_allowed(socket: WebSocket, settings: AuthSettings) -> bool:
    # Browsers do not ask before a WebSocket, so the server has to look.
    origin = socket.headers.get("origin")
    allowed = settings.allowed_origins
    return origin is None or "*" in allowed or origin in allowed


class _Session:
    """One WebSocket: its first message is its auth."""

    def __init__(self, socket: WebSocket, lobby: Lobby) -> None:
        self._socket = socket
        self._lobby = lobby
        self._connection: Connection | None = None

    async def join(self) -> None:
        """Take in messages until one is a join."""
        while self._connection is None:
            await self.receive(await self._socket.receive())

    async def receive(self, packet: Message) -> None:
        if packet["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(packet.get("code", 1000))
        try:
            if packet.get("bytes") is not None:
                self._joined().receive(unpack(packet["bytes"]))
            else:
                await self._event(*unpack_event(packet.get("text") or ""))
        except HoovikError as error:
            await self._send_error(error)

    async def ended(self) -> None:
        if self._connection is not None:
            await self._lobby.dismiss(self._connection)

    async def _event(self, event: str, data: Any) -> None:
        if event not in JOIN_EVENTS:
            self._joined().hear(event, data)
            return
        if self._connection is not None:
            raise AlreadyJoinedError("this socket has joined; a socket joins once")
        try:
            self._connection = await self._lobby.admit(data, self._send, self._close)
        except HoovikError as refusal:
            await self._send_error(refusal)
            await self._close(refusal)

    def _joined(self) -> Connection:
        if self._connection is None:
            raise NotJoinedError('the first message must be {"event": "auth", "data": {...}}')
        return self._connection

    async def _send(self, event: str, payload: dict[str, Any]) -> None:
        await self._socket.send_text(pack_event(event, payload))

    async def _send_error(self, error: HoovikError) -> None:
        message = error_message(error)
        self._lobby.meter.count(ERRORS, error.code)
        await self._send(message.event, message.to_wire())

    async def _close(self, error: HoovikError) -> None:
        full = isinstance(error, CapacityError)
        await self._socket.close(TRY_AGAIN_LATER if full else POLICY_VIOLATION)
