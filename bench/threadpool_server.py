"""The thread-pool baseline: what `hoovik bench compare` holds the service against.

The design that docs/performance.md describes, on this library: one process, FastAPI and Socket.IO
on one event loop, pools of two threads for sound, two for frames and one for the models, all state
in dictionaries of the process. Encoders, models, messages, smoothing and pacing are the service's
own, so that what differs is how the work is spread and gathered.

In one point it does better than the design it stands for: a round encodes the newest 0.6 s of
sound, not the newest chunk of 0.1 s, so that a result takes the same work as one of the service.
There are no observers, no tokens and no second process.

``python -m bench.threadpool_server`` reads the settings of the environment, as ``hoovik serve`` does.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import socketio
import uvicorn
from fastapi import FastAPI

from bench.threadpool_models import ThreadPoolModels, as_the_article
from bench.threadpool_pump import Pump
from hoovik.audio.pcm import decode_audio
from hoovik.errors import HoovikError
from hoovik.face.image import check_image
from hoovik.schema.inbound import (
    Audio,
    AvChunk,
    Frame,
    MediaState,
    Message,
    Ping,
    parse,
    parse_join,
)
from hoovik.schema.outbound import EmotionError, OutboundEvent, Pong
from hoovik.settings import Settings, read_settings

MAX_MESSAGE_BYTES = 16 * 2**20


@dataclass
class Socket:
    """One connection: its participant's pump, and how many media of each kind have come."""

    pump: Pump
    task: asyncio.Task[None]
    sounds: int = 0
    frames: int = 0


@dataclass
class ThreadPoolService:
    """The state of the process."""

    settings: Settings
    models: ThreadPoolModels
    sockets: dict[str, Socket] = field(default_factory=dict)

    def hear(self, socket: Socket, message: Message) -> None:
        """Take in one message; raises HoovikError where it is at fault."""
        now = time.monotonic()
        if isinstance(message, MediaState):
            socket.pump.press(
                mic_enabled=message.mic_enabled, camera_enabled=message.camera_enabled
            )
        sound = message.buffer if isinstance(message, Audio) else None
        image = message.buffer if isinstance(message, Frame) else None
        if isinstance(message, AvChunk):
            sound, image = message.audio, message.video
        if sound is not None and isinstance(message, Audio | AvChunk):
            socket.sounds += 1
            rate, encoding = message.sample_rate, message.encoding
            chunk = decode_audio(sound, self.settings.audio, sample_rate=rate, encoding=encoding)
            socket.pump.hear(chunk.samples, chunk.sample_rate, socket.sounds, now)
        if image is not None:
            socket.frames += 1
            check_image(image, self.settings.face)
            socket.pump.see(image, socket.frames, now)


def build_server(service: ThreadPoolService) -> socketio.AsyncServer:
    """Its Socket.IO side, with the options of the service's own."""
    server = socketio.AsyncServer(
        async_mode="asgi",
        transports=["websocket"],
        cors_allowed_origins="*",
        max_http_buffer_size=MAX_MESSAGE_BYTES,
        always_connect=True,
        async_handlers=False,
    )

    async def say(sid: str, message: OutboundEvent) -> None:
        await server.emit(message.event, message.to_wire(), to=sid)

    async def complain(sid: str, fault: HoovikError) -> None:
        await say(sid, EmotionError(code=fault.code, message=fault.message, ts=time.time()))

    @server.event
    async def connect(sid: str, _environ: dict[str, Any], auth: Any = None) -> None:
        try:
            join = parse_join(auth)
        except HoovikError as fault:
            await complain(sid, fault)
            await server.disconnect(sid)
            return
        pump = Pump(
            join.participant_id,
            join.room_id,
            service.settings,
            service.models,
            lambda message: say(sid, message),
        )
        service.sockets[sid] = Socket(pump, asyncio.create_task(pump.run()))

    @server.event
    async def disconnect(sid: str, _reason: str | None = None) -> None:
        socket = service.sockets.pop(sid, None)
        if socket is not None:
            socket.task.cancel()

    @server.on("*")
    async def receive(event: str, sid: str, *data: Any) -> None:
        socket = service.sockets.get(sid)
        if socket is None:
            return
        try:
            message = parse(event, data[0] if data else None)
            if isinstance(message, Ping):
                await say(sid, Pong(ts=time.time()))
                return
            service.hear(socket, message)
        except HoovikError as fault:
            await complain(sid, fault)

    return server


def build_app(settings: Settings) -> socketio.ASGIApp:
    """The whole baseline, its models loaded."""
    service = ThreadPoolService(settings, ThreadPoolModels(settings))
    http = FastAPI(title="Hoovik's thread-pool baseline")

    @http.get("/ready")
    def ready() -> dict[str, bool]:
        return {"ready": True}

    return socketio.ASGIApp(build_server(service), other_asgi_app=http)


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    settings = as_the_article(read_settings())
    uvicorn.run(
        build_app(settings),
        host=settings.serve.host,
        port=settings.serve.port,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
