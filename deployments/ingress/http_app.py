import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, HTTPException, Request, UploadFile
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from ray import serve
from ray.serve.schema import ApplicationStatus, ServeStatus

from actors.offline import play
from actors.shared_answer import SharedAnswer
from deployments.ingress.connection import error_message
from deployments.ingress.lobby import Lobby
from deployments.ingress.predict import Upload, read_upload, rules_of, summarise
from deployments.ingress.tokens import OPERATOR, check_bearer
from hoovik.errors import (
    HoovikError,
    MediaError,
    TelemetryError,
    UnauthorizedError,
    UploadTooLargeError,
)
from hoovik.models.bundle import voices_of
from hoovik.schema.emotion import EMOTIONS
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

FRESH_S = 1.0
"""An answer to `/ready` is given again for so long."""

READY_S = 1.5
STATS_S = 6.0
"""How long one who asks waits for Serve's controller, and for telemetry."""

logger = logging.getLogger(__name__)

Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


async def refuse(_request: Request, error: HoovikError) -> Response:
    """The HTTP answer that an error becomes: the same words as over a socket."""
    status = next(code for kind, code in STATUSES.items() if isinstance(error, kind))
    return JSONResponse(error_message(error).to_wire(), status_code=status)


async def refuse_body(request: Request, error: HTTPException) -> Response:
    """The same for a body that was too long to be read."""
    return await refuse(request, UploadTooLargeError(error.detail))


def build_http(
    lobby: Lobby,
    read_stats: Callable[[], Awaitable[Stats]],
    read_status: Callable[[], ServeStatus] = serve.status,
) -> APIRouter:
    """HTTP side of the ingress.

    Args:
        lobby: the replica's settings and workers.
        read_stats: asks the cluster's telemetry.
        read_status: asks Serve's controller; blocks.
    """
    router = APIRouter()
    settings = lobby.settings
    voices = voices_of(settings)
    status = SharedAnswer(partial(asyncio.to_thread, read_status), FRESH_S, READY_S)
    stats = SharedAnswer(read_stats, 0.0, STATS_S)

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
        """Every pool has replicas that are up, and there is a host for rooms."""
        if not lobby.rooms.hosts:
            return _not_ready({}, "no room host is up yet")
        try:
            return _readiness(await status.get())
        except Exception as fault:
            # Whatever it is, the controller is not there to say that all are up.
            logger.info("Serve's controller does not answer: %s", type(fault).__name__)
            return _not_ready({}, "Serve's controller does not answer; ask again")

    @router.get("/stats/json", dependencies=[Depends(allow_operator)])
    async def stats_json() -> Stats:
        """The service as a whole: every replica and every room of the cluster."""
        try:
            return await stats.get()
        except TimeoutError:
            raise TelemetryError("telemetry does not answer; ask again") from None

    @router.post("/predict", dependencies=[Depends(allow)])
    async def predict(
        clip: Annotated[UploadFile | None, File()] = None,
        image: Annotated[UploadFile | None, File()] = None,
        sound: Annotated[UploadFile | None, File()] = None,
    ) -> dict[str, Any]:
        """Results of one clip of at most 30 s and 20 MB, or of an image and a sound.

        One result per time step, and a summary; the clip is kept nowhere.
        """
        upload = Upload(*(part.file if part else None for part in (clip, image, sound)))
        media = await read_upload(upload, settings)
        frames = ((frame.time_s, frame.jpeg) for frame in media.frames)
        recording = moments(media.audio, frames, settings.session.tick_s)
        rules = rules_of(upload, settings)
        results = await play(recording, rules, lobby.workers, "clip", voices)
        ticks = [{"timeSec": round(result.ts, 3), **result.to_wire()} for result in results]
        prior = dict(zip(EMOTIONS, settings.session.prior, strict=True))
        return {"results": ticks, "summary": summarise(results, media.duration_s), "prior": prior}

    return router


def _readiness(status: ServeStatus) -> Response:
    waiting = {
        name: [pool for pool, state in application.deployments.items() if state.status != "HEALTHY"]
        for name, application in status.applications.items()
        if application.status is not ApplicationStatus.RUNNING
    }
    if waiting:
        return _not_ready(waiting, f"{', '.join(waiting)}: not all deployments are up")
    if not status.applications:
        return _not_ready(waiting, "Serve runs no application")
    return JSONResponse({"status": "ready", "waiting": waiting})


def _not_ready(waiting: dict[str, list[str]], reason: str) -> Response:
    body = {"status": "starting", "waiting": waiting, "reason": reason}
    return JSONResponse(body, status_code=UNAVAILABLE)
