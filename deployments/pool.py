from collections.abc import Callable
from typing import Generic

from actors.reporter import Reporter
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
    """

    def __init__(
        self, work: Callable[[list[Request]], list[Value]], max_batch: int, settings: Settings
    ) -> None:
        meter = Meter()
        self._batcher = Batcher(work, max_batch, meter)
        self._reporter = Reporter(Kind.POOL, type(self).__name__, meter, settings.telemetry)

    def __del__(self) -> None:
        # Serve calls this when a replica ends in order; one that was killed just falls silent.
        self._reporter.close()
