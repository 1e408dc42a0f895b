"""The pages of the service and the browser client behind them, read once at start."""

import hashlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import TypeAdapter, ValidationError

from hoovik.schema.page import PageConfig
from hoovik.schema.wire import RoomId
from hoovik.session.sight import HISTORY_S
from hoovik.settings import Settings

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""Files of these kinds are served; the package's own Python is not."""

NOT_MODIFIED = 304
NOT_FOUND = 404

FOR_ALL = {
    # Looked at anew each time, so that an update of the service is one of its pages, too.
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

FOR_PAGES = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
}

CAPTURING = {"Permissions-Policy": "camera=(self), microphone=(self), geolocation=()"}
WATCHING = {"Permissions-Policy": "camera=(), microphone=(), geolocation=()"}

# Pages of other origins import the client. It holds no secrets, and its socket asks for the origin.
FOR_MODULES = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}

_ROOM_ID: TypeAdapter[str] = TypeAdapter(RoomId)


PAGE = ".html"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it goes out; `etag` changes with the content."""

    content: bytes
    content_type: str
    etag: str

    def answer(self, request: Request, headers: Mapping[str, str]) -> Response:
        """The file, or that the browser has it already."""
        headers = {**FOR_ALL, **headers, "ETag": self.etag}
        known = request.headers.get("if-none-match", "")
        if self.etag in (tag.strip().removeprefix("W/") for tag in known.split(",")):
            return Response(status_code=NOT_MODIFIED, headers=headers)
        return Response(self.content, media_type=self.content_type, headers=headers)


@cache
def read_assets() -> Mapping[str, Asset]:
    """Every file of the ``web`` package that a browser may have, by its path in there."""
    return dict(_assets(files("web"), PurePosixPath()))


def _assets(folder: Traversable, path: PurePosixPath) -> Iterator[tuple[str, Asset]]:
    for entry in folder.iterdir():
        below = path / entry.name
        if entry.is_dir():
            yield from _assets(entry, below)
        elif below.suffix in CONTENT_TYPES:
            content = entry.read_bytes()
            etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
            yield str(below), Asset(content, CONTENT_TYPES[below.suffix], etag)


def build_pages(settings: Settings) -> APIRouter:
    """The pages of a participant, of a room's observer and of an operator; their files at ``/web``."""
    assets = read_assets()
    participant, observer = assets["index.html"], assets["room.html"]
    operator = assets["stats.html"]
    config = page_config(settings).to_wire()
    router = APIRouter(include_in_schema=False)

    async def index(request: Request) -> Response:
        return participant.answer(request, {**FOR_PAGES, **CAPTURING})

    async def room(request: Request, room_id: str) -> Response:
        try:
            _ROOM_ID.validate_python(room_id)
        except ValidationError:
            return PlainTextResponse("A room's name has 1 to 160 characters.", NOT_FOUND, FOR_ALL)
        return observer.answer(request, {**FOR_PAGES, **WATCHING})

    async def stats(request: Request) -> Response:
        # The page asks for a token itself, where the figures behind it need one.
        return operator.answer(request, {**FOR_PAGES, **WATCHING})

    async def page_settings(_request: Request) -> Response:
        return JSONResponse(config, headers={**FOR_ALL, **FOR_MODULES})

    async def file(request: Request, path: str) -> Response:
        asset = assets.get(path)
        # A page has an address of its own, and headers that belong to it.
        if asset is None or path.endswith(PAGE):
            return PlainTextResponse("no such file", NOT_FOUND, FOR_ALL)
        return asset.answer(request, FOR_MODULES)

    endpoints: dict[str, Callable[..., Awaitable[Response]]] = {
        "/": index,
        # The id may hold slashes.
        "/room/{room_id:path}": room,
        "/stats": stats,
        "/web/config.json": page_settings,
        "/web/{path:path}": file,
    }
    for path, endpoint in endpoints.items():
        router.add_api_route(path, endpoint, methods=["GET", "HEAD"])
    return router


def page_config(settings: Settings) -> PageConfig:
    """What the pages are told of the settings."""
    return PageConfig(
        consent_required=settings.auth.require_consent,
        token_required=settings.auth.jwt_secret is not None,
        target_fps=settings.session.target_fps,
        sound_kept_sec=settings.audio.max_buffer_s,
        face_kept_sec=HISTORY_S,
        untrained=settings.untrained,
    )
