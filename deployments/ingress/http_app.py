from typing import Annotated, Any

from fastapi import APIRouter, File, UploadFile
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from ray import serve
from ray.serve.schema import ApplicationStatus

from actors.offline import play
from deployments.ingress.connection import error_message
from deployments.ingress.lobby import Lobby
from deployments.ingress.predict import Upload, read_upload, summarise
from hoovik.errors import HoovikError, MediaError
from hoovik.session.playback import moments

UNPROCESSABLE = 422
UNAVAILABLE = 503


def build_http(lobby: Lobby) -> APIRouter:
    """HTTP side of the ingress."""
    router = APIRouter()
    settings = lobby.settings

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

    @router.get("/stats/json")
    async def stats_json() -> dict[str, Any]:
        """Counts of this ingress replica and of the rooms it is tied to."""
        return await lobby.stats()

    @router.get("/stats")
    async def stats() -> PlainTextResponse:
        """The same to read."""
        counts = await lobby.stats()
        lines = [f"sockets {counts['sockets']}", f"rooms   {len(counts['rooms'])}"]
        for room_id, room in counts["rooms"].items():
            lines.append(f"\n{room_id}")
            lines += [f"  {name:<14} {value}" for name, value in room.items() if name != "room"]
        return PlainTextResponse("\n".join(lines) + "\n")

    @router.post("/predict")
    async def predict(
        clip: Annotated[UploadFile | None, File()] = None,
        image: Annotated[UploadFile | None, File()] = None,
        sound: Annotated[UploadFile | None, File()] = None,
    ) -> Response:
        """Results of one clip of at most 30 s and 20 MB, or of an image and a sound.

        One result per time step, and a summary; the clip is kept nowhere.
        """
        try:
            files = (part and part.file for part in (clip, image, sound))
            media = await read_upload(Upload(*files), settings)
            frames = ((frame.time_s, frame.jpeg) for frame in media.frames)
            recording = moments(media.audio, frames, settings.session.tick_s)
            results = await play(recording, settings, lobby.workers, "clip")
        except HoovikError as error:
            status = UNPROCESSABLE if isinstance(error, MediaError) else UNAVAILABLE
            return JSONResponse(error_message(error).to_wire(), status_code=status)
        ticks = [{"timeSec": round(result.ts, 3), **result.to_wire()} for result in results]
        return JSONResponse({"results": ticks, "summary": summarise(results, media.duration_s)})

    return router
