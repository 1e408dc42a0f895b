import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SharedAnswer(Generic[T]):
    """One answer for all who ask at about the same time, and nobody waits for it for long.

    Args:
        ask: gets the answer. At most one call of it is under way, however long it takes.
        fresh_s: for so long an answer, or a refusal, is given again.
        limit_s: how long one who asks waits.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]], fresh_s: float, limit_s: float) -> None:
        self._ask = ask
        self._fresh_s = fresh_s
        self._limit_s = limit_s
        self._asking: asyncio.Task[T] | None = None
        self._answered_s = 0.0

    async def get(self) -> T:
        """The answer; raises what `ask` raises, or TimeoutError."""
        if self._asking is None or (self._asking.done() and not self._is_fresh):
            self._asking = asyncio.create_task(self._answer())
        return await asyncio.wait_for(asyncio.shield(self._asking), self._limit_s)

    @property
    def _is_fresh(self) -> bool:
        return time.monotonic() - self._answered_s <= self._fresh_s

    async def _answer(self) -> T:
        try:
            return await self._ask()
        finally:
            self._answered_s = time.monotonic()
