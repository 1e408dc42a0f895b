import asyncio
import time
from collections.abc import Callable

from hoovik.schema.action import Action
from hoovik_client.client import Client, Reading
from hoovik_client.pacing import in_real_time
from hoovik_client.recording import Recording, Step
from hoovik_client.sender import Sender


class Player:
    """Plays a participant of a meeting in real time, who may leave and join again.

    Args:
        make_client: opens a new client for each join.
        recording: what to send.
        on_reading: called with everything the service says.
        on_leave: called with the time, on this machine's monotonic clock, of every leave.

    Attributes:
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
        self._sender: Sender | None = None
        self._listener: asyncio.Task[None] | None = None
        self.started_s = float("nan")

    async def play(self, seconds: float) -> None:
        """Join, play for so long, leave; TimeoutError where the service says nothing."""
        try:
            await self._join()
            self.started_s = time.monotonic()
            async for at_s, step in in_real_time(self._recording.steps(seconds), self.started_s):
                await self._do(at_s, step)
        finally:
            await self._leave()

    async def _do(self, at_s: float, step: Step) -> None:
        if isinstance(step, Action) and step in (Action.LEAVE, Action.JOIN):
            await self._leave()
            if step is Action.JOIN:
                await self._join()
        elif self._sender is not None:
            await self._sender.send(step, at_s)

    async def _join(self) -> None:
        self._client = client = self._make_client()
        self._sender = sender = Sender(client)
        await client.connect()
        self._listener = asyncio.create_task(self._listen(client, sender))
        await client.joined()

    async def _leave(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
        if self._on_leave is not None:
            self._on_leave(time.monotonic())
        if self._client is not None:
            await self._client.close()
        self._client = self._sender = self._listener = None

    async def _listen(self, client: Client, sender: Sender) -> None:
        async for reading in client.readings():
            sender.heed(reading.message)
            self._on_reading(reading)
