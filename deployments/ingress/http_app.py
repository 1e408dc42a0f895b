from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, HTTPException, Request, UploadFile
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from ray import serve
from ray.serve.schema import ApplicationStatus

from actors.offline import play
from deployments.ingress.connection import error_message
from deployments.ingress.lobby import Lobby
from deployments.ingress.predict import Upload, read_upload, summarise
from deployments.ingress.tokens import OPERATOR, check_bearer
from hoovik.errors import HoovikError, MediaError, UnauthorizedError, UploadTooLargeError
from hoovik.schema.stats import Stats
from hoovik.session.playback import moments

STATUSES: dict[type[HoovikError], int] = {
    UnauthorizedError: 401,
    UploadTooLargeError: 413,
    MediaError: 422,
    HoovikError: 503,
}
"""HTTP status of an error: of the first class that it belongs to."""

UNAVAILABLE = STATUSES[HoovikError]

Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


async def refuse(_request: Request, error: HoovikError) -> Response:
    """The HTTP answer that an error becomes: the same words as over a socket."""
    status = next(code for kind, code in STATUSES.items() if isinstance(error, kind))
    return JSONResponse(error_message(error).to_wire(), status_code=status)


async def refuse_body(request: Request, error: HTTPException) -> Response:
    """The same for a body that was too long to be read."""
    return await refuse(request, UploadTooLargeError(error.detail))


def build_http(lobby: Lobby, read_stats: Callable[[], Awaitable[Stats]]) -> APIRouter:
    """HTTP side of the ingress.

    Args:
        lobby: the replica's settings and workers.
        read_stats: asks the cluster's telemetry.
    """
    router = APIRouter()
    settings = lobby.settings

    def allow(bearer: Bearer) -> None:
        check_bearer(bearer.credentials if bearer else None, settings.auth)

    def allow_operator(bearer: Bearer) -> None:
        check_bearer(bearer.credentials if bearer else None, settings.auth, OPERATOR)

    @router.get("/health")
    async def health() -> dict[str, str]:
        """This replica answers."""
        return {"status": "ok"}

    @router.get("/ready")
    async def ready() -> Response:
        """Every pool has replicas that are up."""
        applications = serve.status().applications
        waiting = {
            name: [
                pool for pool, state in application.deployments.items() if state.status != "HEALTHY"
            ]
            for name, application in applications.items()
            if application.status is not ApplicationStatus.RUNNING
        }
        body = {"status": "starting" if waiting else "ready", "waiting": waiting}
        return JSONResponse(body, status_code=UNAVAILABLE if waiting else 200)

    @router.get("/stats/json", dependencies=[Depends(allow_operator)])
    async def stats_json() -> Stats:
        """The service as a whole: every replica and every room of the cluster."""
        return await read_stats()

    @router.post("/predict", dependencies=[Depends(allow)])
    async def predict(
        clip: Annotated[UploadFile | None, File()] = None,
        image: Annotated[UploadFile | None, File()] = None,
        sound: Annotated[UploadFile | None, File()] = None,
    ) -> dict[str, Any]:
        """Results of one clip of at most 30 s and 20 MB, or of an image and a sound.

        One result per time step, and a summary; the clip is kept nowhere.
        """
        files = (part.file if part else None for part in (clip, image, sound))
        media = await read_upload(Upload(*files), settings)
        frames = ((frame.time_s, frame.jpeg) for frame in media.frames)
        recording = moments(media.audio, frames, settings.session.tick_s)
        results = await play(recording, settings, lobby.workers, "clip")
        ticks = [{"timeSec": round(result.ts, 3), **result.to_wire()} for result in results]
        return {"results": ticks, "summary": summarise(results, media.duration_s)}

    return router
