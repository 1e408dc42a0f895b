import asyncio
from contextlib import suppress

import uvicorn

from deployments.ingress.closing import AsgiApp
from deployments.ingress.port import Port
from deployments.ingress.socketio_app import MAX_MESSAGE_BYTES
from hoovik.settings import ServeSettings

MAX_UNREAD = 32
"""Messages of one socket that are read ahead of the application."""

FAREWELL_S = 5
"""Clients have so long to take note that the replica ends."""


class Listener:
    """An ingress replica's own address: its sockets reach it without a proxy in between.

    Serve's proxy costs more for each message than the rest of the way. All replicas of a node share
    one port: the kernel deals new connections out among them, and hands those of a replica that
    ends to the others.

    Args:
        app: what answers.
        settings: the address.
        service: what this service is known by to others on the node; see `Port`.
    """

    def __init__(self, app: AsgiApp, settings: ServeSettings, service: str) -> None:
        self._port = Port(settings, service)
        config = uvicorn.Config(
            app,
            ws="websockets-sansio",
            ws_max_size=MAX_MESSAGE_BYTES,
            ws_max_queue=MAX_UNREAD,
            # JPEG does not get any smaller, and the rest is small.
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=FAREWELL_S,
        )
        self._server = uvicorn.Server(config)
        self._serving = asyncio.create_task(self._server.serve([self._port.socket]))

    async def close(self) -> None:
        """Take no more connections, and close those there are with 1012: connect again."""
        self._server.should_exit = True
        with suppress(asyncio.CancelledError):
            await self._serving
        self._port.close()
