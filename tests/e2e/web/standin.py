"""A service without Ray whose telemetry is told what a test makes up."""

import threading
import time
from collections import Counter

import uvicorn
from fastapi import FastAPI

from deployments.ingress.http_app import build_http, refuse
from deployments.ingress.lobby import Lobby
from deployments.ingress.pages import build_pages
from hoovik.errors import HoovikError
from hoovik.schema.stats import Stats
from hoovik.settings import Settings
from hoovik.telemetry.cluster import SILENT_S, ClusterTelemetry
from hoovik.telemetry.measures import (
    ANOMALIES,
    BATCH,
    DEPTH,
    DROPS,
    ERRORS,
    LATENCY,
    QUEUE,
    RESULTS,
    SOCKETS,
    WORK,
    Kind,
    Source,
    Stage,
)
from hoovik.telemetry.meter import Key, Meter, RoomReport
from tests.e2e.conftest import free_port
from tests.workers import MeanWorkers

STAGES_MS = {
    Stage.CLOCK: 40.0,
    Stage.QUEUE: 25.0,
    Stage.ENCODE: 12.0,
    Stage.PREDICT: 20.0,
    Stage.INGRESS: 8.0,
    Stage.END_TO_END: 105.0,
}


class Standin:
    """The pages and the figures behind them; it can go and come back on the same port.

    Attributes:
        url: where it answers, while it does.
        asked: requests for figures so far.
        slow_s: how long each of them takes.
    """

    def __init__(self, settings: Settings) -> None:
        self._http = FastAPI()
        self._http.exception_handler(HoovikError)(refuse)
        self._http.include_router(build_http(Lobby(settings, MeanWorkers()), self._read_stats))
        self._http.include_router(build_pages(settings))
        self._cluster = ClusterTelemetry(time.monotonic() - 60, 60, time.time() - 60)
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.asked = 0
        self.slow_s = 0.0
        self.start()

    def start(self) -> None:
        """Answer, from now on."""
        config = uvicorn.Config(self._http, port=self._port, log_level="warning")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        """Answer no more, and take no connections."""
        self._server.should_exit = True
        self._thread.join()

    def room(self, name: str, *, participants: int = 2, results: int = 24) -> None:
        """A host of this one room reports."""
        meter = Meter()
        counts: Counter[Key] = Counter({(RESULTS,): results, (ANOMALIES,): results // 8})
        counts[DROPS, "step_shed"] = 6
        room = RoomReport("a", participants, links=1, counts=counts, cpu_s=0.05)
        for _ in range(results):
            for stage, value_ms in STAGES_MS.items():
                meter.observe(LATENCY, "both", stage, value=value_ms)
        self._take(Kind.HOST, name, meter, rooms={name: room})

    def ingress(self, **errors: int) -> None:
        """An ingress replica reports, with errors by code."""
        meter = Meter()
        meter.gauge(SOCKETS, value=3)
        for code, number in errors.items():
            meter.count(ERRORS, code, by=number)
        self._take(Kind.INGRESS, "Ingress", meter)

    def pool(self, name: str, instance: str = "a", *, busy: float = 0.4) -> None:
        """A replica reports, as if it had computed for a share of the last minute."""
        meter = Meter()
        meter.gauge(DEPTH, value=1)
        for _ in range(60):
            meter.observe(BATCH, value=2)
            meter.observe(QUEUE, value=7.0)
            meter.observe(WORK, value=1000 * busy)
        self._take(Kind.POOL, name, meter, instance)

    def lose(self, name: str, instance: str) -> None:
        """A replica turns out to have been silent for too long."""
        then = time.monotonic() - SILENT_S - 1
        self._cluster.take(Source(Kind.POOL, name, instance), Meter().take(4.0), then)

    def _take(
        self,
        kind: Kind,
        name: str,
        meter: Meter,
        instance: str = "a",
        rooms: dict[str, RoomReport] | None = None,
    ) -> None:
        report = meter.take(4.0, rooms)
        self._cluster.take(Source(kind, name, instance), report, time.monotonic())

    async def _read_stats(self) -> Stats:
        self.asked += 1
        if self.slow_s:
            time.sleep(self.slow_s)
        return self._cluster.stats(time.monotonic(), time.time())
