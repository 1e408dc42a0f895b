import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import AbstractContextManager
from typing import Any, Generic, Protocol, TypeVar

from actors.calls import call_size
from actors.supervisor import cancelled_from_outside
from actors.tracing import ResultName, ResultTraces
from actors.workers import Answer, FaceAnswer, FaceRequest, Workers
from hoovik.errors import HoovikError
from hoovik.face.encoder import FaceReading
from hoovik.session.effects import Effect, Emit, EncodeAudio, EncodeFace, Predict
from hoovik.session.room import Lost, Room
from hoovik.settings import TelemetrySettings

T = TypeVar("T")
Work = TypeVar("Work", EncodeAudio, EncodeFace, Predict)

logger = logging.getLogger(__name__)


class Driven(Protocol):
    """A room as its driver sees it."""

    @property
    def room(self) -> Room:
        """The state machine."""
        ...

    def emit(self, effect: Emit) -> None:
        """Say something."""
        ...


Seat = TypeVar("Seat", bound=Driven)


class RoomDriver(Generic[Seat]):
    """Performs the effects of rooms with workers, and brings the answers back to them.

    What several rooms ask for at once goes in one call.

    Args:
        workers: who does the heavy work.
        clock: a room's own time, that its answers are taken in at: arrival time live, media time
            offline.
        inside: the context in which a room is entered; what it raises there stays there.
        timeout_s: nobody waits longer for an answer.
        traces: where results are traced.
    """

    def __init__(
        self,
        workers: Workers,
        clock: Callable[[Seat], float],
        inside: Callable[[Seat], AbstractContextManager[None]],
        *,
        timeout_s: float,
        traces: ResultTraces | None = None,
    ) -> None:
        self._workers = workers
        self._clock = clock
        self._inside = inside
        self._timeout_s = timeout_s
        self._traces = traces or ResultTraces(TelemetrySettings())
        self._under_way: set[asyncio.Task[None]] = set()
        self._each_s: dict[type, float] = {}

    def perform(self, made: Iterable[tuple[Seat, Iterable[Effect]]]) -> None:
        """Start every effect, those of a kind together; messages go out at once."""
        windows: list[tuple[Seat, EncodeAudio]] = []
        images: list[tuple[Seat, EncodeFace]] = []
        questions: list[tuple[Seat, Predict]] = []
        for seat, effects in made:
            for effect in effects:
                if isinstance(effect, Emit):
                    with self._inside(seat):
                        seat.emit(effect)
                elif isinstance(effect, EncodeAudio):
                    windows.append((seat, effect))
                elif isinstance(effect, EncodeFace):
                    images.append((seat, effect))
                else:
                    questions.append((seat, effect))
        self._start(self._encode_audio, windows)
        self._start(self._encode_faces, images)
        self._start(self._predict, questions)

    async def settle(self) -> None:
        """Wait until nothing is under way, follow-ups included."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    def _start(
        self,
        carry_out: Callable[[list[tuple[Seat, Work]]], Coroutine[Any, Any, None]],
        work: list[tuple[Seat, Work]],
    ) -> None:
        size = call_size(self._each_s.get(type(work[0][1]), 0.0)) if work else 1
        for first in range(0, len(work), size):
            task = asyncio.create_task(carry_out(work[first : first + size]))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _encode_audio(self, work: list[tuple[Seat, EncodeAudio]]) -> None:
        windows = [one.window for _, one in work]
        with self._traces.part("EncodeAudio", [_name(*one) for one in work]):
            embeddings, heard = await self._ask(self._workers.encode_audio(windows), work)
        self._bring(
            work,
            embeddings,
            lambda room, one, value, now: room.audio_encoded(
                one.ticket, value, now, work_s=heard.work_s
            ),
        )

    async def _encode_faces(self, work: list[tuple[Seat, EncodeFace]]) -> None:
        requests = [FaceRequest(one.image, one.track) for _, one in work]
        with self._traces.part("EncodeFace", [_name(*one) for one in work]):
            faces, seen = await self._ask(self._workers.encode_faces(requests), work)
        self._bring(
            work,
            faces,
            lambda room, one, value, now: room.face_encoded(
                one.ticket,
                _face(value),
                now,
                work_s=seen.work_s,
                depth=seen.depth,
                each_s=seen.each_s,
            ),
        )

    async def _predict(self, work: list[tuple[Seat, Predict]]) -> None:
        sequences = [one.sequence for _, one in work]
        names = [_name(*one) for one in work]
        with self._traces.part("Predict", names):
            predictions, said = await self._ask(self._workers.predict(sequences), work)
        self._bring(
            work,
            predictions,
            lambda room, one, value, now: room.predicted(
                one.ticket, value, now, work_s=said.work_s
            ),
        )
        for name in names:
            self._traces.end(name)

    def _bring(
        self,
        work: list[tuple[Seat, Work]],
        answers: list[T | Lost],
        take_in: Callable[[Room, Work, T | Lost, float], list[Effect]],
    ) -> None:
        """Bring each room its answers, and perform together what all of them ask for next."""
        made: list[tuple[Seat, list[Effect]]] = []
        for (seat, one), value in zip(work, answers, strict=True):
            effects: list[Effect] = []
            with self._inside(seat):
                effects = take_in(seat.room, one, value, self._clock(seat))
            with self._traces.inside(_name(seat, one)):
                self.perform([(seat, [said for said in effects if isinstance(said, Emit)])])
            made.append((seat, [asked for asked in effects if not isinstance(asked, Emit)]))
        self.perform(made)

    async def _ask(
        self, answer: Awaitable[Answer[list[T]]], work: list[tuple[Seat, Work]]
    ) -> tuple[list[T | Lost], Answer[list[T]]]:
        """Answers one by one, each of them lost where the worker was, and how they fared."""
        answered: Answer[list[T]]
        try:
            answered = await asyncio.wait_for(answer, self._timeout_s)
        except HoovikError as fault:
            return _lost(fault.code, fault.message, len(work))
        except asyncio.CancelledError:
            # Serve passes on a replica's as if it were ours.
            if cancelled_from_outside():
                raise
            return self._gone("CancelledError", len(work))
        except Exception as fault:
            # A killed replica surfaces as one of several Ray errors; all of them cost one answer.
            return self._gone(type(fault).__name__, len(work))
        if len(answered.value) != len(work):
            return self._gone(f"{len(answered.value)} answers to {len(work)} requests", len(work))
        self._each_s[type(work[0][1])] = answered.each_s
        return [*answered.value], answered

    def _gone(self, cause: str, count: int) -> tuple[list[T | Lost], Answer[list[T]]]:
        logger.warning("a worker was lost: %s", cause)
        return _lost("RESULT_LOST", f"a worker was lost ({cause}); the next result makes up", count)


def _name(seat: Driven, one: Work) -> ResultName:
    return seat.room.id, one.ticket


def _lost(code: str, message: str, count: int) -> tuple[list[T | Lost], Answer[list[T]]]:
    return [Lost(code, message)] * count, Answer([])


def _face(answer: FaceAnswer | Lost) -> FaceReading | None | Lost:
    if isinstance(answer, Lost):
        return answer
    fault = answer.fault
    return answer.reading if fault is None else Lost(fault.code, fault.message)
