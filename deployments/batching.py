import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from actors.workers import Answer
from hoovik.schema.drop import Drop
from hoovik.telemetry.measures import BATCH, DEPTH, DROPS, LANES, QUEUE, WORK, WORK_CPU
from hoovik.telemetry.meter import Meter

Request = TypeVar("Request")
Value = TypeVar("Value")

MAX_WAITING = 512
"""Requests that wait for a batch. Whoever asks has one under way for each participant: that many
are seconds of work, and nobody would wait for the end of it."""


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[Request, Value]):
    request: Request
    answer: asyncio.Future[Answer[Value]]
    since_s: float


class Batcher(Generic[Request, Value]):
    """Answers single requests in batches: whatever has gathered while the last batch ran.

    Nothing waits for a timer: an idle stage answers at once, a busy one fills its batches by
    itself. (`serve.batch` forms a batch before the worker is free, so that without a wait its
    batches stay at one, and with a wait every request pays for it.)

    Args:
        work: answers a list of requests, in order; runs in threads of its own, so that the
            event loop stays free for health checks and new requests.
        max_batch: longest list handed to `work`.
        meter: counts waiting, computing, batches, and requests that waited for too long.
        patience_s: how long callers wait; a request that is older is not computed any more.
        lanes: batches computed at the same time, for which `work` must be safe.
    """

    def __init__(
        self,
        work: Callable[[list[Request]], list[Value]],
        max_batch: int,
        meter: Meter,
        patience_s: float = math.inf,
        lanes: int = 1,
    ) -> None:
        self._work = work
        self._max_batch = max_batch
        self._meter = meter
        self._patience_s = patience_s
        self._lanes = lanes
        self._waiting: deque[_Waiting[Request, Value]] = deque()
        self._under_way = 0
        self._busy_s = 0.0
        self._noted_s = time.monotonic()
        self._threads = ThreadPoolExecutor(lanes)
        self._runners: set[asyncio.Task[None]] = set()
        meter.gauge(LANES, value=lanes)

    @property
    def depth(self) -> int:
        """Requests taken in and not yet answered."""
        return len(self._waiting) + self._under_way

    @property
    def waiting(self) -> int:
        """Requests whose batch has not begun."""
        return len(self._waiting)

    @property
    def busy_s(self) -> float:
        """Seconds of computing so far, batches under way included; of several lanes, their mean."""
        busy = len(self._runners) / self._lanes
        return self._busy_s + busy * (time.monotonic() - self._noted_s)

    async def ask(self, request: Request) -> Answer[Value]:
        """Answer to one request.

        Raises:
            asyncio.QueueFull: too many requests are waiting already.
            TimeoutError: it waited for longer than callers do.
            Exception: what `work` raised for its batch.
        """
        if len(self._waiting) >= MAX_WAITING:
            raise asyncio.QueueFull(f"{MAX_WAITING} requests are waiting already")
        future: asyncio.Future[Answer[Value]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(request, future, time.monotonic()))
        self._meter.gauge(DEPTH, value=self.depth)
        if len(self._runners) < self._lanes:
            self._note_busy()
            self._runners.add(asyncio.create_task(self._run()))
        return await future

    def _note_busy(self) -> None:
        """Take what has been computed so far into account, before a lane begins or ends."""
        self._busy_s, self._noted_s = self.busy_s, time.monotonic()

    async def _run(self) -> None:
        try:
            while batch := self._next_batch():
                self._under_way += len(batch)
                await self._answer(batch)
                self._under_way -= len(batch)
                self._meter.gauge(DEPTH, value=self.depth)
        finally:
            self._meter.gauge(DEPTH, value=self.depth)
            # Before anybody can ask again: they would count on a lane that has stopped.
            self._note_busy()
            self._runners -= {asyncio.current_task()}

    def _next_batch(self) -> list[_Waiting[Request, Value]]:
        """Those who have waited longest and still wait for an answer."""
        batch: list[_Waiting[Request, Value]] = []
        stale_s = time.monotonic() - self._patience_s
        while self._waiting and len(batch) < self._max_batch:
            one = self._waiting.popleft()
            if one.answer.done():  # a caller that gave up has cancelled its future
                continue
            if one.since_s >= stale_s:
                batch.append(one)
            else:
                self._meter.count(DROPS, Drop.REQUEST_STALE)
                one.answer.set_exception(TimeoutError(f"waited for over {self._patience_s} s"))
        return batch

    async def _answer(self, batch: list[_Waiting[Request, Value]]) -> None:
        begun_s = time.monotonic()
        self._meter.observe(BATCH, value=len(batch))
        for one in batch:
            self._meter.observe(QUEUE, value=1000 * (begun_s - one.since_s))
        try:
            values = await asyncio.get_running_loop().run_in_executor(
                self._threads, self._compute, [one.request for one in batch]
            )
            if len(values) != len(batch):
                raise ValueError(f"{len(values)} answers to {len(batch)} requests")
        except Exception as fault:
            for one in batch:
                if not one.answer.done():
                    one.answer.set_exception(fault)
            return
        work_s = time.monotonic() - begun_s
        self._meter.observe(WORK, value=1000 * work_s)
        for one, value in zip(batch, values, strict=True):
            if not one.answer.done():
                each_s = work_s / len(batch) / self._lanes
                one.answer.set_result(Answer(value, len(self._waiting), work_s, each_s))

    def _compute(self, requests: list[Request]) -> list[Value]:
        begun_s = time.thread_time()
        try:
            return self._work(requests)
        finally:
            self._meter.count(WORK_CPU, by=int(1e6 * (time.thread_time() - begun_s)))
