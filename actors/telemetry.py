import asyncio
import time
from typing import Any

import ray
from ray.exceptions import RayError

from actors.detached import the_one
from actors.logs import set_up_logs
from actors.prometheus import PrometheusExporter
from actors.supervisor import Supervisor
from hoovik.errors import TelemetryError
from hoovik.schema.stats import Stats
from hoovik.settings import TelemetrySettings
from hoovik.telemetry.cluster import ClusterTelemetry
from hoovik.telemetry.measures import OWN_CPU, Kind, Source
from hoovik.telemetry.meter import Meter, Report

NAME = "telemetry"

EXPORT_S = 5.0
"""Ray passes its metrics on every 10 s."""

ANSWER_S = 5.0
FRESH_S = 0.5
"""Whoever asks within this time gets the same answer."""

IDLE_S = 120.0
"""Without anyone who reports it ends itself after this long: a detached actor lives until then."""


class TelemetryActor:
    """The one process of a cluster that adds up what all others report.

    It answers ``/stats/json`` and is the one source of the Prometheus metrics, so that both say
    the same and the number of series does not grow with rooms and replicas. When it dies, Ray
    starts another that counts from 0.
    """

    def __init__(self, settings: TelemetrySettings) -> None:
        set_up_logs(settings)
        self._heard_s = time.monotonic()
        self._cluster = ClusterTelemetry(self._heard_s, settings.window_s, time.time())
        self._exporter = PrometheusExporter()
        self._stats: Stats | None = None
        self._added_up_s = 0.0
        self._myself = Source(Kind.TELEMETRY, NAME, "")
        self._meter = Meter()
        self._cpu_s = self._taken_s = 0.0
        self._supervisor = Supervisor()
        self._started = False

    async def take(self, source: Source, report: Report, *, last: bool = False) -> None:
        """Take in a report; the last one is a farewell."""
        self._start()
        self._heard_s = time.monotonic()
        self._cluster.take(source, report, self._heard_s)
        if last:
            self._cluster.farewell(source)

    async def stats(self) -> Stats:
        """The service as a whole, at most half a second old."""
        self._start()
        now_s = time.monotonic()
        if self._stats is None or now_s - self._added_up_s > FRESH_S:
            self._stats = self._cluster.stats(now_s, time.time())
            self._added_up_s = now_s
        return self._stats

    def _start(self) -> None:
        if not self._started:
            self._started = True
            self._supervisor.keep("export", self._keep_exporting)

    async def _keep_exporting(self) -> None:
        while True:
            await asyncio.sleep(EXPORT_S)
            self._report_myself()
            self._exporter.export(await self.stats(), self._cluster)
            if time.monotonic() - self._heard_s > IDLE_S:
                ray.kill(ray.get_runtime_context().current_actor, no_restart=True)

    def _report_myself(self) -> None:
        now_s, cpu_s = time.monotonic(), time.process_time()
        if self._taken_s:
            self._meter.count(OWN_CPU, by=int(1e6 * (cpu_s - self._cpu_s)))
            report = self._meter.take(now_s - self._taken_s)
            self._cluster.take(self._myself, report, now_s)
        self._taken_s, self._cpu_s = now_s, cpu_s


def find_telemetry(settings: TelemetrySettings) -> Any:
    """The cluster's telemetry, created if there is none. Blocks for a call to Ray's control store."""
    return the_one(TelemetryActor, NAME, settings)


async def read_stats(settings: TelemetrySettings) -> Stats:
    """The service as a whole, as the cluster's telemetry has it.

    Looking it up takes as long as Ray's control store does: ask through a `SharedAnswer`.

    Raises:
        TelemetryError: it does not answer.
    """
    try:
        telemetry = await asyncio.to_thread(find_telemetry, settings)
        stats: Stats = await asyncio.wait_for(telemetry.stats.remote(), ANSWER_S)
    except (RayError, ValueError, TimeoutError) as fault:  # ValueError: no such actor
        cause = type(fault).__name__
        raise TelemetryError(f"telemetry does not answer ({cause}); ask again") from None
    return stats
