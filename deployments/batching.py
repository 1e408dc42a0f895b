import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

Request = TypeVar("Request")
Answer = TypeVar("Answer")


class Batcher(Generic[Request, Answer]):
    """Answers single requests in batches: whatever has gathered while the last batch ran.

    Nothing waits for a timer: an idle stage answers at once, a busy one fills its batches by
    itself. (`serve.batch` forms a batch before the worker is free, so that without a wait its
    batches stay at one, and with a wait every request pays for it.)

    Args:
        work: answers a list of requests, in order; runs in one thread of its own, so that the
            event loop stays free for health checks and new requests.
        max_batch: longest list handed to `work`.
    """

    def __init__(self, work: Callable[[list[Request]], list[Answer]], max_batch: int) -> None:
        self._work = work
        self._max_batch = max_batch
        self._waiting: deque[tuple[Request, asyncio.Future[Answer]]] = deque()
        self._under_way = 0
        self._thread = ThreadPoolExecutor(1)
        self._runner: asyncio.Task[None] | None = None

    @property
    def depth(self) -> int:
        """Requests taken in and not yet answered; the deployment's max_ongoing_requests bounds it."""
        return len(self._waiting) + self._under_way

    async def ask(self, request: Request) -> Answer:
        """Answer to one request; raises what `work` raised for its batch."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        if self._runner is None or self._runner.done():
            self._runner = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            size = min(self._max_batch, len(self._waiting))
            batch = [self._waiting.popleft() for _ in range(size)]
            # A caller that gave up has cancelled its future.
            batch = [(request, future) for request, future in batch if not future.done()]
            self._under_way = len(batch)
            try:
                requests = [request for request, _ in batch]
                answers = await loop.run_in_executor(self._thread, self._work, requests)
            except Exception as fault:
                for _, future in batch:
                    if not future.done():
                        future.set_exception(fault)
            else:
                for (_, future), answer in zip(batch, answers, strict=True):
                    if not future.done():
                        future.set_result(answer)
            self._under_way = 0
