from functools import partial
from typing import Any

import ray
import socketio
from fastapi_offline import FastAPIOffline
from ray import serve
from ray.serve.handle import DeploymentHandle

from actors.logs import set_up_logs
from actors.reporter import Reporter
from actors.telemetry import read_stats
from actors.tracing import set_up_tracing
from deployments.handles import ServeWorkers
from deployments.ingress.body_limit import TOO_LARGE, with_body_limit
from deployments.ingress.closing import AsgiApp, with_orderly_close
from deployments.ingress.http_app import build_http, refuse, refuse_body
from deployments.ingress.listener import Listener
from deployments.ingress.lobby import Lobby
from deployments.ingress.pages import build_pages
from deployments.ingress.reference import LINKS, build_reference
from deployments.ingress.socketio_app import build_socketio
from deployments.ingress.websocket_app import build_websocket
from hoovik.errors import HoovikError
from hoovik.settings import Settings
from hoovik.telemetry.measures import Kind

FORM_BYTES = 2**20
"""What a multipart form may add to the files in it."""


class Ingress:
    """The edge of the service; `serve.ingress` asks it for its ASGI application."""

    def __init__(
        self,
        settings: Settings,
        audio: DeploymentHandle[Any],
        face: DeploymentHandle[Any],
        features: DeploymentHandle[Any],
        ensemble: DeploymentHandle[Any],
    ) -> None:
        set_up_logs(settings.telemetry)
        set_up_tracing(settings.telemetry, "Ingress")
        self._lobby = Lobby(settings, ServeWorkers.direct(audio, face, features, ensemble))
        self._listener: Listener | None = None
        self._reporter = Reporter(Kind.INGRESS, "Ingress", self._lobby.meter, settings.telemetry)

    async def __del__(self) -> None:
        # Serve calls this when a replica ends in order.
        if self._listener is not None:
            await self._listener.close()
        await self._lobby.rooms.close()
        self._reporter.close()

    def __serve_build_asgi_app__(self) -> AsgiApp:
        """HTTP and WebSocket under FastAPI, Socket.IO in front of it."""
        http = FastAPIOffline(
            title="Hoovik", description=LINKS, redoc_url=None, favicon_url="/web/icon.svg"
        )
        http.exception_handler(HoovikError)(refuse)
        http.exception_handler(TOO_LARGE)(refuse_body)
        http.include_router(
            build_http(self._lobby, partial(read_stats, self._lobby.settings.telemetry))
        )
        http.include_router(build_websocket(self._lobby))
        settings = self._lobby.settings
        http.include_router(build_pages(settings))
        http.include_router(build_reference())
        limited = with_body_limit(http, settings.serve.predict_max_bytes + FORM_BYTES)
        server = build_socketio(self._lobby, settings.auth)
        app = with_orderly_close(socketio.ASGIApp(server, other_asgi_app=limited))
        self._lobby.rooms.open()
        self._listener = Listener(app, settings.serve, _service())
        return app


def _service() -> str:
    """The same in all replicas of one service, also of a service that was deployed anew."""
    cluster = ray.get_runtime_context().gcs_address
    return f"{serve.get_replica_context().app_name} {cluster}"
