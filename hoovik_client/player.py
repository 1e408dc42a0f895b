import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hoovik.schema.action import Action
from hoovik.schema.outbound import Backpressure
from hoovik_client.client import Client, Reading

SAMPLE_RATE = 16_000
CHUNK_SAMPLES = 1_600
ANSWER_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Recording:
    """What one participant shows, says and does.

    Attributes:
        audio: (n,) float32 at 16 kHz.
        frames: (time in seconds, encoded image), ascending.
        script: (time in seconds, action), ascending.
        duration_s: after this it starts over.
    """

    audio: NDArray[np.float32]
    frames: Sequence[tuple[float, bytes]]
    duration_s: float
    script: Sequence[tuple[float, Action]] = field(default_factory=tuple)


class Player:
    """Sends a recording through a client in real time, as a meeting client would.

    Chunks of 100 ms, frames at their times but no faster than the service asks for. Muting and
    switching off are said with a media state, and nothing more is sent.

    Args:
        make_client: opens a new client for each join.
        recording: what to send.
        on_reading: called with everything the service says.
        on_leave: called with the time, on this machine's monotonic clock, of every leave.

    Attributes:
        sent_sounds, sent_frames: messages sent so far.
        started_s: when the recording began, on this machine's monotonic clock.
    """

    def __init__(
        self,
        make_client: Callable[[], Client],
        recording: Recording,
        on_reading: Callable[[Reading], None],
        on_leave: Callable[[float], None] | None = None,
    ) -> None:
        self._make_client = make_client
        self._recording = recording
        self._on_reading = on_reading
        self._on_leave = on_leave
        self._client: Client | None = None
        self._listener: asyncio.Task[None] | None = None
        self._answered = asyncio.Event()
        self._mic = self._camera = True
        self._frame_gap_s = 0.0
        self._last_frame_s = float("-inf")
        self.sent_sounds = 0
        self.sent_frames = 0
        self.started_s = float("nan")

    async def play(self, seconds: float) -> None:
        """Join, play for so long, leave; TimeoutError where the service says nothing."""
        try:
            await self._join()
            self.started_s = time.monotonic()
            for at_s, step in self._schedule(seconds):
                await asyncio.sleep(max(0.0, self.started_s + at_s - time.monotonic()))
                await self._do(at_s, step)
        finally:
            await self._leave()

    def _schedule(
        self, seconds: float
    ) -> Iterator[tuple[float, Action | bytes | NDArray[np.float32]]]:
        recording = self._recording
        starts = range(0, recording.audio.size - CHUNK_SAMPLES + 1, CHUNK_SAMPLES)
        steps: list[tuple[float, int, Action | bytes | NDArray[np.float32]]] = [
            *((at_s, 0, action) for at_s, action in recording.script),
            *((at_s, 1, image) for at_s, image in recording.frames),
            *(
                (
                    (start + CHUNK_SAMPLES) / SAMPLE_RATE,
                    2,
                    recording.audio[start : start + CHUNK_SAMPLES],
                )
                for start in starts
            ),
        ]
        steps.sort(key=lambda step: step[:2])
        offset_s = 0.0
        while steps and offset_s < seconds:
            for at_s, _, step in steps:
                if at_s + offset_s >= seconds:
                    return
                yield at_s + offset_s, step
            offset_s += recording.duration_s

    async def _do(self, at_s: float, step: Action | bytes | NDArray[np.float32]) -> None:
        if isinstance(step, Action):
            await self._act(step)
        elif self._client is None:
            return
        elif isinstance(step, bytes):
            # A little slack: frame times are multiples of the asked rate's gap.
            due = at_s - self._last_frame_s >= 0.9 * self._frame_gap_s
            if self._camera and due:
                self._last_frame_s = at_s
                self.sent_frames += 1
                await self._client.send_frame(step)
        elif self._mic:
            self.sent_sounds += 1
            await self._client.send_audio(step)

    async def _act(self, action: Action) -> None:
        if action is Action.LEAVE:
            await self._leave()
            return
        if action is Action.JOIN:
            await self._leave()
            await self._join()
            return
        if action in (Action.MUTE, Action.UNMUTE):
            self._mic = action is Action.UNMUTE
        else:
            self._camera = action is Action.CAMERA_ON
        if self._client is not None:
            await self._client.send_media_state(mic_enabled=self._mic, camera_enabled=self._camera)

    async def _join(self) -> None:
        self._mic = self._camera = True
        self._client = self._make_client()
        self._answered.clear()
        await self._client.connect()
        self._listener = asyncio.create_task(self._listen(self._client))
        # What is sent before the room has opened waits at the service, and the oldest goes first.
        await asyncio.wait_for(self._answered.wait(), ANSWER_TIMEOUT_S)

    async def _leave(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
        if self._on_leave is not None:
            self._on_leave(time.monotonic())
        if self._client is not None:
            await self._client.close()
        self._client = self._listener = None

    async def _listen(self, client: Client) -> None:
        async for reading in client.readings():
            self._answered.set()  # by its status, or by why it lets nobody in
            if isinstance(reading.message, Backpressure):
                self._frame_gap_s = 1 / reading.message.suggested_fps
            self._on_reading(reading)
