import asyncio
import time
from dataclasses import dataclass, field
from math import inf
from typing import Any

from bench.load_plan import LoadPlan
from bench.media import CHUNK_S, Media
from hoovik.schema.outbound import Backpressure, EmotionError, EmotionResult
from hoovik_client.client import Client, Reading
from hoovik_client.pacing import FrameGate


@dataclass
class Told:
    """What one participant was told, with times on this machine's monotonic clock.

    Attributes:
        results: (time, latency in milliseconds if known, profile) of each.
        suggestions: (time, frames a second) of each.
        errors: as they came over the wire.
        frames: when frames were sent.
    """

    results: list[tuple[float, float | None, str]] = field(default_factory=list)
    suggestions: list[tuple[float, float]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    frames: list[float] = field(default_factory=list)


class Attendee:
    """One participant of a load: streams by a schedule that does not drift, and notes what comes.

    Attributes:
        told: so far.
    """

    def __init__(self, client: Client, media: Media, plan: LoadPlan) -> None:
        self.told = Told()
        self._client = client
        self._media = media
        self._plan = plan
        self._gate = FrameGate()
        self._suggested_fps = inf
        self._listener: asyncio.Task[None] | None = None

    async def join(self) -> None:
        """Open the socket and wait for the room."""
        await self._client.connect()
        self._listener = asyncio.create_task(self._listen())
        await self._client.joined()

    async def leave(self) -> None:
        """Close the socket."""
        if self._listener is not None:
            self._listener.cancel()
        await self._client.close()

    async def stream(self, begun_s: float, window_s: float, seconds: float) -> None:
        """Send media.

        Args:
            begun_s: time 0 of the media, on the monotonic clock.
            window_s: where the window begins, that is time 0 of a burst.
            seconds: of media.
        """
        chunk, sound_s, image_s = 0, CHUNK_S, 0.0
        while (due_s := min(sound_s, image_s)) < seconds:
            await asyncio.sleep(max(0.0, begun_s + due_s - time.monotonic()))
            if sound_s <= image_s:
                await self._client.send_audio(self._media.sound(chunk))
                chunk += 1
                sound_s = (chunk + 1) * CHUNK_S
            else:
                await self._show(due_s)
                image_s += 1 / self._plan.camera_fps(begun_s + due_s - window_s)

    async def _show(self, at_s: float) -> None:
        if self._gate.lets_through(at_s, self._suggested_fps):
            await self._client.send_frame(self._media.image(at_s))
            self.told.frames.append(time.monotonic())

    async def _listen(self) -> None:
        async for reading in self._client.readings():
            self._note(reading)

    def _note(self, reading: Reading) -> None:
        message, at_s = reading.message, reading.received_s
        if isinstance(message, EmotionResult):
            profile = str(message.result.modality)
            self.told.results.append((at_s, reading.latency_ms, profile))
        elif isinstance(message, Backpressure):
            self.told.suggestions.append((at_s, message.suggested_fps))
            if self._plan.heed:
                self._suggested_fps = message.suggested_fps
        elif isinstance(message, EmotionError):
            self.told.errors.append(message.to_wire())
