import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from hoovik.errors import CapacityError

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """A few threads for work that would hold up the event loop; what is too much is refused.

    Args:
        name: of the threads.
        threads: how many there are.
        most: calls that may wait or be under way.
    """

    def __init__(self, name: str, threads: int, most: int) -> None:
        self._name = name
        self.most = most
        self._places = threading.BoundedSemaphore(most)
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` returns; raises CapacityError where all places are taken."""
        if not self._places.acquire(blocking=False):
            raise CapacityError(f"{self.most} calls of {self._name} at once; try again later")
        future = self._executor.submit(work, *args, **kwargs)
        # Whoever waits may go; the place is free when the work has ended.
        future.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(future)
