import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import socketio
from numpy.typing import NDArray

from hoovik.schema.outbound import (
    Backpressure,
    Basis,
    EmotionError,
    EmotionResult,
    OutboundEvent,
    Pong,
    ServerStatus,
)

OUTBOUND: dict[str, type[OutboundEvent]] = {
    model.event: model for model in (ServerStatus, EmotionResult, Backpressure, EmotionError, Pong)
}
MAX_UNREAD = 1000
SENT_KEPT = 600
"""Sending times kept to measure latency by: one minute of chunks."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One message of the service, as it arrived here.

    Attributes:
        message: what the service said.
        received_s: when, on this machine's monotonic clock.
        latency_ms: for a result of this client's own media: from sending the newest sample that
            it rests on to its arrival; None otherwise.
    """

    message: OutboundEvent
    received_s: float
    latency_ms: float | None = None


class Client:
    """One participant, or one observer, of a room.

    A dropped connection is made again by itself, with the same auth.

    Example::

        client = Client("http://127.0.0.1:8000", "ada", room_id="standup")
        async with client:
            await client.send_audio(samples)  # 100 ms of float32 at 16 kHz
            await client.send_frame(jpeg)
            async for reading in client.readings():
                print(reading.message)
    """

    def __init__(
        self,
        url: str,
        participant_id: str,
        *,
        room_id: str | None = None,
        role: str = "participant",
        token: str | None = None,
    ) -> None:
        self._url = url
        auth = {
            "participantId": participant_id,
            "roomId": room_id,
            "role": role,
            "token": token,
        }
        self._auth = {name: value for name, value in auth.items() if value is not None}
        self._participant_id = participant_id
        self._unread: asyncio.Queue[Reading] = asyncio.Queue(MAX_UNREAD)
        self._sounds: deque[float] = deque(maxlen=SENT_KEPT)
        self._frames: deque[float] = deque(maxlen=SENT_KEPT)
        self._sent_sounds = 0
        self._sent_frames = 0
        self.connections = 0
        self._socket = socketio.AsyncClient(reconnection_delay=0.2, reconnection_delay_max=2)
        self._socket.on("connect", self._connected)
        self._socket.on("*", self._received)

    @property
    def connected(self) -> bool:
        """Whether the socket is up."""
        return bool(self._socket.connected)

    async def __aenter__(self) -> "Client":
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def connect(self) -> None:
        """Open the socket; raises socketio.exceptions.ConnectionError."""
        await self._socket.connect(
            self._url, auth=self._auth, transports=["websocket"], wait_timeout=10
        )

    async def close(self) -> None:
        """Close the socket."""
        await self._socket.shutdown()

    async def send_audio(
        self, samples: NDArray[np.float32] | bytes, sample_rate: int = 16_000
    ) -> None:
        """Send a piece of sound: float32 mono samples, or a WAV, FLAC or OGG file's bytes."""
        data = samples if isinstance(samples, bytes) else samples.astype("<f4").tobytes()
        message = {
            "participantId": self._participant_id,
            "buffer": data,
            "sampleRate": sample_rate,
        }
        if await self._emit("audio_chunk", message):
            self._sent_sounds += 1
            self._sounds.append(time.monotonic())

    async def send_frame(self, image: bytes) -> None:
        """Send one JPEG or PNG."""
        message = {"participantId": self._participant_id, "buffer": image}
        if await self._emit("emotion.frame", message):
            self._sent_frames += 1
            self._frames.append(time.monotonic())

    async def send_media_state(self, *, mic_enabled: bool, camera_enabled: bool) -> None:
        """Say what the participant's buttons say."""
        state = {
            "participantId": self._participant_id,
            "micEnabled": mic_enabled,
            "cameraEnabled": camera_enabled,
        }
        await self._emit("participant.media_state", state)

    async def send(self, event: str, payload: Any) -> None:
        """Send any event."""
        await self._emit(event, payload)

    async def readings(self) -> AsyncIterator[Reading]:
        """Everything the service says, for as long as the caller listens."""
        while True:
            yield await self._unread.get()

    async def _emit(self, event: str, payload: Any) -> bool:
        try:
            await self._socket.emit(event, payload)
        except socketio.exceptions.BadNamespaceError:
            # Between two connections; live media are not worth keeping for the next.
            return False
        return True

    async def _connected(self) -> None:
        self.connections += 1
        self._sounds.clear()
        self._frames.clear()
        self._sent_sounds = self._sent_frames = 0

    async def _received(self, event: str, payload: Any = None) -> None:
        received_s = time.monotonic()
        model = OUTBOUND.get(event)
        if model is None:
            return
        message = model.model_validate(payload)
        latency_ms = None
        if isinstance(message, EmotionResult) and message.participant_id == self._participant_id:
            latency_ms = self._latency_ms(message.basis, received_s)
        if self._unread.full():
            self._unread.get_nowait()
        self._unread.put_nowait(Reading(message, received_s, latency_ms))

    def _latency_ms(self, basis: Basis, received_s: float) -> float | None:
        sent = [
            _sent_at(self._sounds, self._sent_sounds, basis.audio),
            _sent_at(self._frames, self._sent_frames, basis.frame),
        ]
        newest_s = max((time_s for time_s in sent if time_s is not None), default=None)
        return None if newest_s is None else 1000 * (received_s - newest_s)


def _sent_at(times: deque[float], sent: int, number: int | None) -> float | None:
    """When message `number` (from 1) was sent, of `sent` in all, the last of which are in `times`."""
    if number is None:
        return None
    index = number - 1 - (sent - len(times))
    return times[index] if 0 <= index < len(times) else None
