import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """A bounded queue between two tasks of one event loop; when it is full, the oldest go.

    Args:
        limit: items kept.
        on_drop: called for each item that a newer one displaces.
    """

    def __init__(self, limit: int, on_drop: Callable[[], object] = lambda: None) -> None:
        self._on_drop = on_drop
        self._items: deque[T] = deque(maxlen=limit)
        self._ready = asyncio.Event()
        self._closed = False

    def put(self, item: T) -> None:
        """Keep an item."""
        if len(self._items) == self._items.maxlen:
            self._on_drop()
        self._items.append(item)
        self._ready.set()

    def close(self) -> None:
        """Take no more; whoever waits gets what is left, then nothing."""
        self._closed = True
        self._ready.set()

    async def take(self) -> list[T]:
        """Wait for items; all that have gathered, in order, or none once closed."""
        await self._ready.wait()
        if not self._closed:
            self._ready.clear()
        return self.drain()

    def drain(self) -> list[T]:
        """All that have gathered, in order; there may be none."""
        items = list(self._items)
        self._items.clear()
        return items
