import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from actors.tracing import ResultTraces
from actors.workers import Answer, Workers
from hoovik.errors import HoovikError
from hoovik.session.effects import Effect, Emit, EncodeAudio, EncodeFace, Predict
from hoovik.session.room import Lost, Room
from hoovik.settings import TelemetrySettings

T = TypeVar("T")

logger = logging.getLogger(__name__)


class RoomDriver:
    """Performs a room's effects with workers, and brings the answers back to it.

    Args:
        room: the state machine.
        workers: who does the heavy work.
        emit: called with each message, in order.
        clock: the time that answers are taken in at: arrival time live, media time offline.
        timeout_s: an answer that takes longer counts as lost.
        traces: where its results are traced.
    """

    def __init__(
        self,
        room: Room,
        workers: Workers,
        emit: Callable[[Emit], None],
        clock: Callable[[], float],
        *,
        timeout_s: float = 4.0,
        traces: ResultTraces | None = None,
    ) -> None:
        self.room = room
        self._workers = workers
        self._emit = emit
        self._clock = clock
        self._timeout_s = timeout_s
        self._traces = traces or ResultTraces(TelemetrySettings())
        self._under_way: set[asyncio.Task[None]] = set()

    def perform(self, effects: Iterable[Effect]) -> None:
        """Start every effect; messages go out at once."""
        for effect in effects:
            if isinstance(effect, Emit):
                self._emit(effect)
                continue
            task = asyncio.create_task(self._carry_out(effect))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def settle(self) -> None:
        """Wait until nothing is under way, follow-ups included."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    async def _carry_out(self, effect: EncodeAudio | EncodeFace | Predict) -> None:
        ticket = effect.ticket
        if isinstance(effect, EncodeFace):
            # A frame belongs to no time step yet, so to no trace.
            seen = await self._answer(self._workers.encode_face(effect.image, effect.track))
            self.perform(
                self.room.face_encoded(ticket, seen.value, self._clock(), depth=seen.depth)
            )
            return
        with self._traces.part(type(effect).__name__, ticket):
            if isinstance(effect, EncodeAudio):
                heard = await self._answer(self._workers.encode_audio(effect.window))
                self.perform(
                    self.room.audio_encoded(ticket, heard.value, self._clock(), work_s=heard.work_s)
                )
                return
            said = await self._answer(self._workers.predict(effect.sequence))
            self.perform(self.room.predicted(ticket, said.value, self._clock(), work_s=said.work_s))
        self._traces.end(ticket)

    async def _answer(self, work: Awaitable[Answer[T]]) -> Answer[T] | Answer[Lost]:
        try:
            return await asyncio.wait_for(work, self._timeout_s)
        except HoovikError as fault:
            return Answer(Lost(fault.code, fault.message))
        except TimeoutError:
            return Answer(
                Lost("RESULT_LOST", f"no answer from a worker within {self._timeout_s} s")
            )
        except Exception as fault:
            # A killed replica surfaces as one of several Ray errors; all of them cost one answer.
            cause = type(fault).__name__
            logger.warning("a worker was lost: %s", cause, extra={"room": self.room.id})
            return Answer(
                Lost("RESULT_LOST", f"a worker was lost ({cause}); the next result makes up")
            )
