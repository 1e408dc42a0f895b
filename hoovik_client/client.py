import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import socketio
from numpy.typing import NDArray

from hoovik.errors import HoovikError
from hoovik.schema.basis import BasisClock
from hoovik.schema.outbound import OUTBOUND, EmotionError, EmotionResult, OutboundEvent
from hoovik_client.recording import Recording
from hoovik_client.sender import Sender

MAX_UNREAD = 1000

ANSWER_TIMEOUT_S = 60.0

QUIET_S = 1.5
"""The last results are in when the service has said nothing for so long."""

LAST_WITHIN_S = 10.0
"""After its media a client waits for last results no longer than this."""


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


class ClosedError(HoovikError):
    """The service lets nobody in, or has ended the connection.

    Attributes:
        reason: the last error that it sent; None: none.
    """

    code = "CLOSED"

    def __init__(self, reason: EmotionError | None) -> None:
        super().__init__(
            "no reason given" if reason is None else f"{reason.code}: {reason.message}"
        )
        self.reason = reason


class Client:
    """One participant, or one observer, of a room.

    A dropped connection is made again by itself, with the same auth.

    Example::

        async with Client("http://127.0.0.1:8000", "ada", room_id="standup") as client:
            async for result in client.stream(read_recording("ada.mp4")):
                print(result.result.emotion, result.result.confidence)
    """

    def __init__(
        self,
        url: str,
        participant_id: str,
        *,
        room_id: str | None = None,
        role: str = "participant",
        token: str | None = None,
        consent: bool = False,
    ) -> None:
        self._url = url
        auth = {
            "participantId": participant_id,
            "roomId": room_id,
            "role": role,
            "token": token,
            "consent": consent,
        }
        self._auth = {name: value for name, value in auth.items() if value is not None}
        self._participant_id = participant_id
        self._unread: asyncio.Queue[Reading | None] = asyncio.Queue(MAX_UNREAD)
        self._error: EmotionError | None = None
        self._sent = BasisClock()
        self._answered = asyncio.Event()
        self.connections = 0
        self._socket = socketio.AsyncClient(reconnection_delay=0.2, reconnection_delay_max=2)
        self._socket.on("connect", self._connected)
        self._socket.on("disconnect", self._disconnected)
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
        try:
            await self._socket.connect(
                self._url, auth=self._auth, transports=["websocket"], wait_timeout=10
            )
        except socketio.exceptions.ConnectionError:
            await self.close()
            raise

    async def joined(self) -> None:
        """Wait until the room has opened, or has not; TimeoutError where the service says nothing.

        What is sent before waits at the service, and the oldest goes first.
        """
        await asyncio.wait_for(self._answered.wait(), ANSWER_TIMEOUT_S)

    async def close(self) -> None:
        """Close the socket."""
        await self._socket.shutdown()
        # Where the connection failed, or the service ended it, the HTTP session is still open.
        await self._socket.eio.disconnect()

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
            self._sent.sounds.note(time.monotonic())

    async def send_frame(self, image: bytes) -> None:
        """Send one JPEG or PNG."""
        message = {"participantId": self._participant_id, "buffer": image}
        if await self._emit("emotion.frame", message):
            self._sent.frames.note(time.monotonic())

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
        """Everything the service says, until it ends the connection for good."""
        while (reading := await self._unread.get()) is not None:
            yield reading

    async def stream(
        self, recording: Recording, seconds: float | None = None
    ) -> AsyncIterator[EmotionResult]:
        """Send a recording in real time, no faster than the service asks for, and give its results.

        Args:
            recording: a file (`read_recording`) or arrays (`recording_of`).
            seconds: for so long, over and over; None: once.

        Raises:
            ClosedError: the service lets nobody in, or has ended the connection.
            TimeoutError: it does not answer.
        """
        sender = Sender(self)
        length_s = recording.duration_s if seconds is None else seconds

        async def send() -> float:
            await self.joined()
            await sender.play(recording, length_s)
            return time.monotonic()

        sending = asyncio.create_task(send())
        try:
            while (reading := await self._heard(sending)) is not None:
                sender.heed(reading.message)
                if isinstance(reading.message, EmotionResult):
                    yield reading.message
        finally:
            sending.cancel()

    async def _heard(self, sending: asyncio.Task[float]) -> Reading | None:
        """The next message; None once all is sent and the last results are in."""
        unread = asyncio.create_task(self._unread.get())
        try:
            await asyncio.wait({unread, sending}, return_when=asyncio.FIRST_COMPLETED)
            if not unread.done():
                left_s = sending.result() + LAST_WITHIN_S - time.monotonic()
                await asyncio.wait({unread}, timeout=max(0.0, min(QUIET_S, left_s)))
            if not unread.done():
                return None
        finally:
            unread.cancel()
        if unread.result() is None:
            raise ClosedError(self._error)
        return unread.result()

    async def _emit(self, event: str, payload: Any) -> bool:
        try:
            await self._socket.emit(event, payload)
        except socketio.exceptions.BadNamespaceError:
            # Between two connections; live media are not worth keeping for the next.
            return False
        return True

    async def _connected(self) -> None:
        self.connections += 1
        self._sent.clear()

    async def _received(self, event: str, payload: Any = None) -> None:
        received_s = time.monotonic()
        model = OUTBOUND.get(event)
        if model is None:
            return
        message = model.model_validate(payload)
        self._answered.set()  # by its status, or by why it lets nobody in
        latency_ms = None
        if isinstance(message, EmotionResult) and message.participant_id == self._participant_id:
            sent_s = self._sent.newest_s(message.basis)
            latency_ms = None if sent_s is None else 1000 * (received_s - sent_s)
        if isinstance(message, EmotionError):
            self._error = message
        self._keep(Reading(message, received_s, latency_ms))

    async def _disconnected(self, reason: str) -> None:
        # What breaks is made again; what the service ends is over.
        if reason == self._socket.reason.SERVER_DISCONNECT:
            self._keep(None)

    def _keep(self, reading: Reading | None) -> None:
        if self._unread.full():
            self._unread.get_nowait()
        self._unread.put_nowait(reading)
