import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any, TypeVar

from actors.calls import call_size
from actors.tracing import ResultTraces
from actors.workers import Answer, FaceAnswer, FaceRequest, Workers
from hoovik.errors import HoovikError
from hoovik.face.encoder import FaceReading
from hoovik.session.effects import Effect, Emit, EncodeAudio, EncodeFace, Predict
from hoovik.session.room import Lost, Room
from hoovik.settings import TelemetrySettings

T = TypeVar("T")
Request = TypeVar("Request", EncodeAudio, EncodeFace, Predict)

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
        self._each_s: dict[type, float] = {}

    def perform(self, effects: Iterable[Effect]) -> None:
        """Start every effect, those of a kind together; messages go out at once."""
        windows: list[EncodeAudio] = []
        images: list[EncodeFace] = []
        questions: list[Predict] = []
        for effect in effects:
            if isinstance(effect, Emit):
                self._emit(effect)
            elif isinstance(effect, EncodeAudio):
                windows.append(effect)
            elif isinstance(effect, EncodeFace):
                images.append(effect)
            else:
                questions.append(effect)
        self._start(self._hear, windows)
        self._start(self._see, images)
        self._start(self._predict, questions)

    async def settle(self) -> None:
        """Wait until nothing is under way, follow-ups included."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    def _start(
        self, carry_out: Callable[[list[Request]], Coroutine[Any, Any, None]], work: list[Request]
    ) -> None:
        size = call_size(self._each_s.get(type(work[0]), 0.0)) if work else 1
        for first in range(0, len(work), size):
            task = asyncio.create_task(carry_out(work[first : first + size]))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _hear(self, work: list[EncodeAudio]) -> None:
        with self._traces.part("EncodeAudio", [one.ticket for one in work]):
            embeddings, heard = await self._ask(
                self._workers.encode_audio([one.window for one in work]), work
            )
        now, effects = self._clock(), list[Effect]()
        for one, value in zip(work, embeddings, strict=True):
            effects += self.room.audio_encoded(one.ticket, value, now, work_s=heard.work_s)
        self._each_s[EncodeAudio] = heard.each_s
        self.perform(effects)

    async def _see(self, work: list[EncodeFace]) -> None:
        requests = [FaceRequest(one.image, one.track) for one in work]
        with self._traces.part("EncodeFace", [one.ticket for one in work]):
            faces, seen = await self._ask(self._workers.encode_faces(requests), work)
        now, effects = self._clock(), list[Effect]()
        for one, value in zip(work, faces, strict=True):
            effects += self.room.face_encoded(
                one.ticket,
                _face(value),
                now,
                work_s=seen.work_s,
                depth=seen.depth,
                each_s=seen.each_s,
            )
        self._each_s[EncodeFace] = seen.each_s
        self.perform(effects)

    async def _predict(self, work: list[Predict]) -> None:
        with self._traces.part("Predict", [one.ticket for one in work]):
            predictions, said = await self._ask(
                self._workers.predict([one.sequence for one in work]), work
            )
        now = self._clock()
        for one, value in zip(work, predictions, strict=True):
            with self._traces.inside(one.ticket):
                effects = self.room.predicted(one.ticket, value, now, work_s=said.work_s)
                self.perform(effects)
            self._traces.end(one.ticket)

    async def _ask(
        self, answer: Awaitable[Answer[list[T]]], work: Sequence[Request]
    ) -> tuple[Sequence[T | Lost], Answer[list[T]]]:
        """Answers one by one, each of them lost where the worker was, and how they fared."""
        try:
            answered = await asyncio.wait_for(answer, self._timeout_s)
            return answered.value, answered
        except HoovikError as fault:
            return _lost(fault.code, fault.message, work)
        except TimeoutError:
            return _lost("RESULT_LOST", f"no answer from a worker within {self._timeout_s} s", work)
        except Exception as fault:
            # A killed replica surfaces as one of several Ray errors; all of them cost one answer.
            cause = type(fault).__name__
            logger.warning("a worker was lost: %s", cause, extra={"room": self.room.id})
            words = f"a worker was lost ({cause}); the next result makes up"
            return _lost("RESULT_LOST", words, work)


def _lost(
    code: str, message: str, work: Sequence[Request]
) -> tuple[Sequence[T | Lost], Answer[list[T]]]:
    return [Lost(code, message)] * len(work), Answer([])


def _face(answer: FaceAnswer | Lost) -> FaceReading | None | Lost:
    if isinstance(answer, Lost):
        return answer
    fault = answer.fault
    return answer.reading if fault is None else Lost(fault.code, fault.message)
