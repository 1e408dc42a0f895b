import logging
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import ray
from ray.exceptions import GetTimeoutError, RayTaskError

from actors.telemetry import ANSWER_S, find_telemetry
from hoovik.settings import TelemetrySettings
from hoovik.telemetry.measures import OWN_CPU, Kind, Source
from hoovik.telemetry.meter import Meter, RoomReport

logger = logging.getLogger(__name__)


class Reporter:
    """Hands what a process counts to the cluster's telemetry, every so often, from a thread.

    A thread of its own, so that an event loop which is busy, or stuck, is still reported. Whatever
    goes wrong is logged, once for each kind of fault in a row, and the thread goes on.

    Args:
        kind, name: who reports.
        meter: what it counts into.
        settings: how often.
        rooms: of a room host, what each of its rooms counted since the last call, by name; called
            from this thread.
    """

    def __init__(
        self,
        kind: Kind,
        name: str,
        meter: Meter,
        settings: TelemetrySettings,
        rooms: Callable[[], dict[str, RoomReport]] | None = None,
    ) -> None:
        self._source = Source(kind, name, uuid.uuid4().hex)
        self._meter = meter
        self._settings = settings
        self._rooms = rooms
        self._telemetry: Any = None
        self._taken_s = time.monotonic()
        self._told = ""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reporter", daemon=True)
        if settings.report_s:
            self._thread.start()

    def close(self) -> None:
        """Hand over what is left and say farewell, in the background."""
        self._ended.set()

    def wait(self, timeout_s: float) -> None:
        """Wait for that to be done."""
        self.close()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._ended.wait(self._settings.report_s):
            self._report()
        self._report(last=True)

    def _report(self, *, last: bool = False) -> None:
        begun_s = time.thread_time()
        try:
            self._hand_over(last)
            self._told = ""
        except Exception as fault:
            if self._told != type(fault).__name__:
                self._told = type(fault).__name__
                logger.warning("telemetry took no report", exc_info=True)
        self._meter.count(OWN_CPU, by=int(1e6 * (time.thread_time() - begun_s)))

    def _hand_over(self, last: bool) -> None:
        rooms = self._rooms() if self._rooms else None
        now_s = time.monotonic()
        report = self._meter.take(now_s - self._taken_s, rooms)
        self._taken_s = now_s
        try:
            if self._telemetry is None:
                self._telemetry = find_telemetry(self._settings)
            ray.get(self._telemetry.take.remote(self._source, report, last=last), timeout=ANSWER_S)
        except (GetTimeoutError, RayTaskError):
            # It may have been counted: twice would be worse than not at all.
            raise
        except Exception:
            # Its process is gone. Ray starts another, or `find_telemetry` does.
            self._telemetry = None
            self._meter.give_back(report)
            raise
