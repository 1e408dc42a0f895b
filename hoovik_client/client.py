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
from hoovik.schema.outbound import (
    OUTBOUND,
    EmotionError,
    EmotionResult,
    OutboundEvent,
    ServerStatus,
)
from hoovik_client.pacing import LATER, SOON
from hoovik_client.recording import Recording
from hoovik_client.sender import Sender

MAX_UNREAD = 1000

AGAIN = {"AT_CAPACITY": LATER, "ROOM_UNAVAILABLE": LATER, "INTERNAL": SOON}
"""How long to wait before joining again after an error that ended the connection."""

HELD_S = 5.0
"""Who was in for so long begins with the first pause again."""

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

    A dropped connection is made again by itself, with the same auth. While the service or the room
    is full, that is tried again, with growing pauses.

    Args:
        url: of the service.
        participant_id: who this is.
        room_id: None: a room of one's own.
        role: `participant` or `observer`.
        token: where the service asks for one.
        consent: that the participant has agreed to be read.
        patient: whether to try again where there is no place; if not, that ends it.

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
        patient: bool = True,
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
        self._patient = patient
        self._failures = 0
        self._in_since_s: float | None = None
        self._coming_again: asyncio.Task[None] | None = None
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
            await self._dial()
        except socketio.exceptions.ConnectionError:
            await self.close()
            raise

    async def _dial(self, *, retry: bool = False) -> None:
        await self._socket.connect(
            self._url, auth=self._auth, transports=["websocket"], wait_timeout=10, retry=retry
        )

    async def joined(self) -> None:
        """Wait until the room has opened, or it is no use to try; TimeoutError after a minute.

        What is sent before waits at the service, and the oldest goes first.
        """
        await asyncio.wait_for(self._answered.wait(), ANSWER_TIMEOUT_S)

    async def close(self) -> None:
        """Close the socket."""
        if self._coming_again is not None:
            self._coming_again.cancel()
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
        self._error = None
        self._sent.clear()

    async def _received(self, event: str, payload: Any = None) -> None:
        received_s = time.monotonic()
        model = OUTBOUND.get(event)
        if model is None:
            return
        message = model.model_validate(payload)
        if isinstance(message, ServerStatus) and self._in_since_s is None:
            self._in_since_s = received_s
            self._answered.set()
        latency_ms = None
        if isinstance(message, EmotionResult) and message.participant_id == self._participant_id:
            sent_s = self._sent.newest_s(message.basis)
            latency_ms = None if sent_s is None else 1000 * (received_s - sent_s)
        if isinstance(message, EmotionError):
            self._error = message
        self._keep(Reading(message, received_s, latency_ms))

    async def _disconnected(self, reason: str) -> None:
        in_since_s, self._in_since_s = self._in_since_s, None
        if reason != self._socket.reason.SERVER_DISCONNECT:
            return  # what breaks, the socket makes again
        pauses = None if self._error is None else AGAIN.get(self._error.code)
        if pauses is None or not self._patient:
            self._answered.set()
            self._keep(None)
            return
        held = in_since_s is not None and time.monotonic() - in_since_s > HELD_S
        self._failures = 1 if held else self._failures + 1
        pause_s = pauses.after(self._failures)
        self._coming_again = asyncio.create_task(self._come_again(pause_s))

    async def _come_again(self, pause_s: float) -> None:
        await asyncio.sleep(pause_s)
        await self._dial(retry=True)

    def _keep(self, reading: Reading | None) -> None:
        if self._unread.full():
            self._unread.get_nowait()
        self._unread.put_nowait(reading)
