import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from typing import NoReturn

logger = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.1
LAST_PAUSE_S = 5.0
"""Between a fault and the next beginning: twice as long each time."""

HEALTHY_S = 30.0
"""Work that ran for so long has recovered: its next fault is a first one again."""

MOST_FAULTS = 8
"""Faults in a row, none of them after a healthy run, with which essential work ends its process."""


def end_process() -> NoReturn:
    """End this process at once; Ray starts another in its place."""
    logging.shutdown()
    os._exit(1)


def cancelled_from_outside() -> bool:
    """Whether the running task is being cancelled; else a `CancelledError` came with an answer."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class Supervisor:
    """Keeps the long-lived tasks of one event loop going; none of them dies unseen.

    Work that raises is logged with its traceback, once for each kind of fault in a row, and begins
    anew after a growing pause. Work that returns has ended on purpose.

    Args:
        end: what to do where essential work does not recover.
        pauses_s: the first and the last pause.
    """

    def __init__(
        self,
        end: Callable[[], object] = end_process,
        pauses_s: tuple[float, float] = (FIRST_PAUSE_S, LAST_PAUSE_S),
    ) -> None:
        self._end = end
        self._first_s, self._last_s = pauses_s
        self._watches: dict[str, asyncio.Task[None]] = {}
        self._work: dict[str, asyncio.Task[None]] = {}
        self.faults = 0

    @property
    def tasks(self) -> dict[str, asyncio.Task[None]]:
        """What runs at the moment, by name."""
        return {name: task for name, task in self._work.items() if not task.done()}

    def keep(
        self, name: str, work: Callable[[], Awaitable[None]], *, essential: bool = False
    ) -> None:
        """Run `work` from now on, in place of what ran under this name; needs a running loop.

        Args:
            name: for the log, and to end it.
            work: called for each beginning.
            essential: whether the process is of no use without it.
        """
        self.end(name)
        watch = asyncio.create_task(self._watch(name, work, essential), name=f"watch {name}")
        self._watches[name] = watch
        watch.add_done_callback(lambda _: self._forget(name, watch))

    def end(self, name: str) -> None:
        """End the work of this name, if there is any."""
        watch = self._watches.pop(name, None)
        if watch is not None and watch is not asyncio.current_task():
            watch.cancel()

    def close(self) -> None:
        """End everything."""
        for name in list(self._watches):
            self.end(name)

    def _forget(self, name: str, watch: asyncio.Task[None]) -> None:
        if self._watches.get(name) is watch:
            del self._watches[name]

    async def _watch(self, name: str, work: Callable[[], Awaitable[None]], essential: bool) -> None:
        pause_s, faults, told = self._first_s, 0, ""
        loop = asyncio.get_running_loop()
        while True:
            begun_s = loop.time()
            task = self._work[name] = asyncio.create_task(_run(work), name=name)
            try:
                # Waiting for the task, not in it: whatever cancels the work does not end the watch.
                await asyncio.wait([task])
            except asyncio.CancelledError:
                task.cancel()
                raise
            fault = asyncio.CancelledError("cancelled") if task.cancelled() else task.exception()
            if fault is None:
                return
            self.faults += 1
            if loop.time() - begun_s > HEALTHY_S:
                pause_s, faults, told = self._first_s, 0, ""
            faults += 1
            if told != repr(fault):
                told = repr(fault)
                logger.error("%s failed and begins anew", name, exc_info=fault)
            if essential and faults >= MOST_FAULTS:
                logger.critical("%s failed %d times in a row: this process ends", name, faults)
                self._end()
            await asyncio.sleep(pause_s)
            pause_s = min(self._last_s, 2 * pause_s)


async def _run(work: Callable[[], Awaitable[None]]) -> None:
    await work()
