import asyncio
from collections.abc import Callable
from typing import Generic

from actors.logs import set_up_logs
from actors.reporter import Reporter
from actors.tracing import set_up_tracing, span
from actors.workers import Answer
from deployments.autoscaling import LoadReport
from deployments.batching import Batcher, Request, Value
from hoovik.settings import Settings
from hoovik.telemetry.measures import Kind
from hoovik.telemetry.meter import Meter


class Pool(Generic[Request, Value]):
    """Base of the model deployments: one replica with its batches, which reports how it fares.

    Args:
        work: answers a list of requests, in order.
        max_batch: longest list handed to `work`.
        settings: how often to report.
        lanes: batches computed at the same time.
    """

    def __init__(
        self,
        work: Callable[[list[Request]], list[Value]],
        max_batch: int,
        settings: Settings,
        lanes: int = 1,
    ) -> None:
        set_up_logs(settings.telemetry)
        set_up_tracing(settings.telemetry, type(self).__name__)
        meter = Meter()
        # Not by way of `self`: in a cycle of references `__del__` would come late.
        batcher = self._batcher = Batcher(work, max_batch, meter, lanes)
        self._load = LoadReport(lambda: batcher.waiting, lambda: batcher.busy_s)
        self._reporter = Reporter(Kind.POOL, type(self).__name__, meter, settings.telemetry)

    async def _ask(self, requests: list[Request], trace: str | None) -> Answer[list[Value]]:
        """Answers to requests, in order, as a part of a trace; one that fails fails all."""
        if not requests:
            return Answer([])
        with span(type(self).__name__, trace) as part:
            answers = await asyncio.gather(*(self._batcher.ask(one) for one in requests))
            work_s = max(answer.work_s for answer in answers)
            part.set_attribute("work_ms", 1000 * work_s)
            last = answers[-1]
            return Answer([one.value for one in answers], last.depth, work_s, last.each_s)

    def record_autoscaling_stats(self) -> dict[str, float]:
        """What Serve asks for where the pool scales with its load."""
        return self._load.take()

    def __del__(self) -> None:
        # Serve calls this when a replica ends in order; one that was killed just falls silent.
        self._reporter.close()
