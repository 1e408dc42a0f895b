import socketio
from fastapi import FastAPI
from ray.serve.handle import DeploymentHandle

from deployments.handles import ServeWorkers
from deployments.ingress.closing import AsgiApp, with_close_code
from deployments.ingress.http_app import build_http
from deployments.ingress.lobby import Lobby
from deployments.ingress.socketio_app import build_socketio
from deployments.ingress.websocket_app import build_websocket
from hoovik.settings import Settings


class Ingress:
    """The edge of the service; `serve.ingress` asks it for its ASGI application."""

    def __init__(
        self,
        settings: Settings,
        audio: DeploymentHandle,
        face: DeploymentHandle,
        features: DeploymentHandle,
        ensemble: DeploymentHandle,
    ) -> None:
        self._lobby = Lobby(settings, ServeWorkers(audio, face, features, ensemble))

    def __serve_build_asgi_app__(self) -> AsgiApp:
        """HTTP and WebSocket under FastAPI, Socket.IO in front of it."""
        http = FastAPI(title="Hoovik", description="Expressed emotion in video meetings.")
        http.include_router(build_http(self._lobby))
        http.include_router(build_websocket(self._lobby))
        server = build_socketio(self._lobby, self._lobby.settings.auth)
        return with_close_code(socketio.ASGIApp(server, other_asgi_app=http))
