"""A small service for attendees: it answers as the real one does, and remembers what it was sent."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import socketio
import uvicorn

from bench.ports import free_port
from hoovik.schema.emotion import EMOTIONS


@dataclass
class Standin:
    """Lets in so many sockets, and answers each one's first sound with a result.

    Attributes:
        url: where it answers.
        rooms: of every join, by participant.
        sent: events by participant.
        left: how many sockets have closed.
    """

    url: str
    places: int = 1000
    rooms: dict[str, list[str]] = field(default_factory=dict)
    sent: dict[str, Counter[str]] = field(default_factory=dict)
    left: int = 0

    def server(self) -> socketio.AsyncServer:
        server = socketio.AsyncServer(
            async_mode="asgi", transports=["websocket"], always_connect=True
        )
        names: dict[str, str] = {}

        @server.event
        async def connect(sid: str, _environ: dict[str, Any], auth: dict[str, Any]) -> None:
            who = auth["participantId"]
            self.rooms.setdefault(who, []).append(auth["roomId"])
            if len(names) >= self.places:
                await server.emit("emotion.error", _error("AT_CAPACITY"), to=sid)
                await server.disconnect(sid)
                return
            names[sid] = who
            self.sent.setdefault(who, Counter())
            await server.emit("server.status", _status(who, auth["roomId"]), to=sid)

        @server.event
        async def disconnect(sid: str, _reason: str | None = None) -> None:
            self.left += names.pop(sid, None) is not None

        @server.on("*")
        async def receive(event: str, sid: str, *_data: Any) -> None:
            if sid not in names:
                return
            counts = self.sent[names[sid]]
            counts[event] += 1
            if event == "audio_chunk":
                await server.emit("emotion.result", _result(names[sid]), to=sid)

        return server


@asynccontextmanager
async def standin(places: int = 1000) -> AsyncIterator[Standin]:
    port = free_port()
    told = Standin(f"http://127.0.0.1:{port}", places)
    config = uvicorn.Config(
        socketio.ASGIApp(told.server()), host="127.0.0.1", port=port, log_level="warning"
    )
    http = uvicorn.Server(config)
    serving = asyncio.create_task(http.serve())
    while not http.started:
        await asyncio.sleep(0.01)
    yield told
    http.should_exit = True
    await serving


def _error(code: str) -> dict[str, Any]:
    return {"code": code, "message": "no place", "ts": time.time()}


def _status(who: str, room: str) -> dict[str, Any]:
    return {
        "participantId": who,
        "roomId": room,
        "device": "cpu",
        "seqLen": 10,
        "targetFps": 5.0,
        "modalityStaleSec": 0.4,
        "modalities": {"audio": False, "video": False},
        "ts": time.time(),
    }


def _result(who: str) -> dict[str, Any]:
    emotion = {
        "emotion": EMOTIONS[0],
        "confidence": 1.0,
        "probs": dict.fromkeys(EMOTIONS, 0.0),
        "modality": "both",
        "anomaly": False,
        "anomalyScore": 0.0,
        "uncertain": False,
        "rawEmotion": EMOTIONS[0],
    }
    return {
        "participantId": who,
        "result": emotion,
        "basis": {"audio": 1},
        "latencyMs": 1.0,
        "ts": time.time(),
    }
