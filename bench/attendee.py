import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import inf

from bench.load_plan import LoadPlan
from bench.media import CHUNK_S, Media
from hoovik.schema.action import Action
from hoovik.schema.outbound import Backpressure, EmotionError, EmotionResult, ServerStatus
from hoovik_client.client import Client, Reading
from hoovik_client.pacing import FrameGate
from hoovik_client.tally import Tally

FULL = "AT_CAPACITY"


@dataclass
class Told:
    """What one participant was told, with times on this machine's monotonic clock.

    Attributes:
        tally: counts, errors, and the time that the service called live.
        joined: whether the service has opened its room to it.
        results: (time, latency in milliseconds if known, profile) of each.
        first_results_s: of each join that led to one, from beginning to connect to its first result.
        refused_s: the same to the word that there is no capacity; None: it was let in.
        suggestions: (time, frames a second) of each.
        frames: when frames were sent.
    """

    tally: Tally = field(default_factory=Tally)
    joined: bool = False
    results: list[tuple[float, float | None, str]] = field(default_factory=list)
    first_results_s: list[float] = field(default_factory=list)
    refused_s: float | None = None
    suggestions: list[tuple[float, float]] = field(default_factory=list)
    frames: list[float] = field(default_factory=list)


class Attendee:
    """One participant of a load, who streams by a schedule that does not drift, and notes what comes.

    Its media run from time 0 of the load, whether or not it is there to send them.

    Args:
        number: in the plan.
        plan: what it does.
        media: what it sends.
        rooms: the room of each join.
        make_client: opens a client for a room.
        in_window_s: the time within the window that counts; negative before.

    Attributes:
        told: so far.
        answered: set with its first result; where it sends nothing, once it is in; and when it was
            refused.
    """

    def __init__(
        self,
        number: int,
        plan: LoadPlan,
        media: Media,
        rooms: Iterator[str],
        make_client: Callable[[str], Client],
        in_window_s: Callable[[], float],
    ) -> None:
        self.told = Told()
        self.answered = asyncio.Event()
        self._plan = plan
        self._media = media
        self._rooms = rooms
        self._make_client = make_client
        self._in_window_s = in_window_s
        self._actions = plan.actions(number)
        self._gate = FrameGate()
        self._suggested_fps = inf
        self._mic = self._camera = True
        self._client: Client | None = None
        self._listener: asyncio.Task[None] | None = None
        self._refused = asyncio.Event()
        self._joined_s = 0.0
        self._awaits_first = False

    async def attend(self, zero_s: float, join_s: float) -> None:
        """Join and stream until cancelled, then leave.

        Args:
            zero_s: time 0 of its media, on the monotonic clock.
            join_s: when to join, on the same.
        """
        try:
            await _until(join_s)
            await self._join()
            if not self._plan.idle:
                await self._stream(zero_s)
            await self._refused.wait()
            await self._leave()  # whatever its client would try again
            await asyncio.Future()
        finally:
            await self._leave()

    async def _stream(self, zero_s: float) -> None:
        begun_s = now_s = max(0.0, time.monotonic() - zero_s)
        chunk, image_s = int(now_s / CHUNK_S), now_s
        action_s, action = next(self._actions, (inf, Action.JOIN))
        while not self._refused.is_set():
            sound_s = (chunk + 1) * CHUNK_S
            due_s = min(sound_s, image_s, begun_s + action_s)
            await _until(zero_s + due_s)
            if due_s == begun_s + action_s:
                await self._act(action)
                action_s, action = next(self._actions)
                # What fell due while it connected is not made up for.
                now_s = time.monotonic() - zero_s
                chunk, image_s = max(chunk, int(now_s / CHUNK_S)), max(image_s, now_s)
            elif due_s == sound_s:
                await self._speak(chunk)
                chunk += 1
            else:
                await self._show(due_s)
                image_s += 1 / self._plan.camera_fps(self._in_window_s())

    async def _speak(self, chunk: int) -> None:
        if self._client is not None and self._mic:
            await self._client.send_audio(self._media.sound(chunk))

    async def _show(self, at_s: float) -> None:
        if self._client is None or not self._camera:
            return
        if self._gate.lets_through(at_s, self._suggested_fps):
            await self._client.send_frame(self._media.image(at_s))
            self.told.frames.append(time.monotonic())

    async def _act(self, action: Action) -> None:
        if action in (Action.LEAVE, Action.JOIN):
            await self._leave()
            if action is Action.JOIN:
                await self._join()
            return
        if action in (Action.MUTE, Action.UNMUTE):
            self._mic = action is Action.UNMUTE
        else:
            self._camera = action is Action.CAMERA_ON
        if self._client is not None:
            await self._client.send_media_state(mic_enabled=self._mic, camera_enabled=self._camera)

    async def _join(self) -> None:
        self._client = client = self._make_client(next(self._rooms))
        self._suggested_fps = inf
        self._joined_s, self._awaits_first = time.monotonic(), True
        self._listener = asyncio.create_task(self._listen(client))
        await client.connect()

    async def _leave(self) -> None:
        client, listener = self._client, self._listener
        self._client = self._listener = None
        if listener is not None:
            listener.cancel()
        self.told.tally.stop(time.monotonic())
        if client is not None:
            await client.close()

    async def _listen(self, client: Client) -> None:
        async for reading in client.readings():
            self._note(reading)

    def _note(self, reading: Reading) -> None:
        message, at_s, told = reading.message, reading.received_s, self.told
        told.tally.take(reading)
        if isinstance(message, EmotionResult):
            if self._awaits_first:
                self._awaits_first = False
                told.first_results_s.append(at_s - self._joined_s)
                self.answered.set()
            told.results.append((at_s, reading.latency_ms, str(message.result.modality)))
        elif isinstance(message, ServerStatus):
            told.joined = True
            if self._plan.idle:
                self.answered.set()
        elif isinstance(message, Backpressure):
            told.suggestions.append((at_s, message.suggested_fps))
            if self._plan.heed:
                self._suggested_fps = message.suggested_fps
        elif isinstance(message, EmotionError) and message.code == FULL and not told.results:
            told.refused_s = at_s - self._joined_s
            self._refused.set()
            self.answered.set()


async def _until(time_s: float) -> None:
    await asyncio.sleep(max(0.0, time_s - time.monotonic()))
