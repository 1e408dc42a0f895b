from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from hoovik.schema.emotion import Profile
from hoovik.schema.stats import Counts, Percentiles, PoolStats, Stats
from hoovik.telemetry.histogram import Histogram
from hoovik.telemetry.measures import (
    ANOMALIES,
    BATCH,
    DEPTH,
    DROPS,
    ERRORS,
    LANES,
    LATENCY,
    OWN_CPU,
    QUEUE,
    RESULTS,
    SOCKETS,
    STRAIN,
    WORK,
    WORK_CPU,
    Kind,
    Source,
    Stage,
)
from hoovik.telemetry.meter import Key, Report
from hoovik.telemetry.rooms import RATE_REPORTS, Rooms
from hoovik.telemetry.window import Window

SILENT_S = 13.0
"""A process that has not reported for this long is gone."""

LOST_KEPT = 100
"""Of those who fell silent and never come back only the newest are remembered."""

ALL = "all"


@dataclass(slots=True)
class _Process:
    """One source as last heard; of its last reports what they counted, and over what time."""

    seen_s: float = 0.0
    gauges: dict[Key, float] = field(default_factory=dict)
    recent: deque[tuple[Counter[Key], float]] = field(
        default_factory=lambda: deque(maxlen=RATE_REPORTS)
    )

    def per_second(self) -> dict[Key, float]:
        """How fast it counts."""
        counts: Counter[Key] = Counter()
        for counted, _ in self.recent:
            counts.update(counted)
        span_s = sum(span_s for _, span_s in self.recent)
        return {key: count / span_s for key, count in counts.items()}


class ClusterTelemetry:
    """Adds up what all processes report, and says how the service as a whole does.

    Times are seconds on one clock that never runs backwards; each call passes its own. The wall
    clock is only told on.

    Args:
        now: when counting begins.
        window_s: what distributions are of, in whole seconds.
        ts: when counting begins, in seconds since the epoch.
    """

    def __init__(self, now: float, window_s: int, ts: float) -> None:
        self._since_s = now
        self._since_ts = ts
        self._window_s = window_s
        self._processes: dict[Source, _Process] = {}
        self._rooms = Rooms()
        self._restarts: Counter[tuple[Kind, str]] = Counter()
        self._lost: dict[Source, None] = {}
        self._pools: dict[str, None] = {}
        self._recent = Window(window_s)
        self._latencies: defaultdict[Key, Histogram] = defaultdict(Histogram)
        self.totals: Counter[Key] = Counter()

    def take(self, source: Source, report: Report, now: float) -> None:
        """Take in what a process counted since its last report."""
        self._greet(source, now)
        process = self._processes.setdefault(source, _Process())
        process.seen_s, process.gauges = now, report.gauges
        counts = report.counts.copy()
        for room in report.rooms.values():
            counts.update(room.counts)
        process.recent.append((counts, report.span_s))
        self.totals.update(counts)
        self._rooms.take(source, report, now)
        for key, histogram in report.histograms.items():
            if key[0] == LATENCY:
                self._latencies[key].merge(histogram)
        named = source.name if source.kind is Kind.POOL else None
        self._recent.add(report.histograms, now, named)

    def farewell(self, source: Source) -> None:
        """Note that a process ends in order."""
        process = self._processes.pop(source, None)
        if process is not None:
            self._rooms.leave(source, process.seen_s, lost=False)

    def look_after(self, now: float) -> None:
        """Let go who has fallen silent."""
        silent = [
            one for one, process in self._processes.items() if now - process.seen_s > SILENT_S
        ]
        for source in silent:
            self._lose(source, now)
        while len(self._lost) > LOST_KEPT:
            del self._lost[next(iter(self._lost))]
        self._rooms.expire(now)

    def stats(self, now: float, ts: float) -> Stats:
        """The service as a whole; `ts` is what the wall clock says."""
        self.look_after(now)
        self._recent.expire(now)
        rates = self._per_second()
        return Stats(
            ts=ts,
            since_ts=self._since_ts,
            window_s=self._window_s,
            sockets=int(self._gauge(SOCKETS)),
            participants=self._rooms.participants,
            rooms=len(self._rooms),
            hosts=len(self._of(Kind.HOST)),
            host_restarts=self._restarts_of(Kind.HOST),
            strain=max(map(_strain, self._processes.values()), default=0.0),
            ingress_replicas=len(self._of(Kind.INGRESS)),
            ingress_restarts=self._restarts_of(Kind.INGRESS),
            per_second=_counts(rates),
            totals=_counts(self.totals),
            latency_ms=self._latency(),
            pools={name: self._pool(name, now) for name in sorted(self._pools)},
            open_rooms=self._rooms.fullest(),
            telemetry_cpu=rates.get((OWN_CPU,), 0.0) / 1e6,
        )

    def latency_since_start(self) -> Iterator[tuple[Profile, Stage, Histogram]]:
        """Latencies of all results so far, by profile and stage."""
        for profile, stage in product(Profile, Stage):
            yield profile, stage, self._latencies[LATENCY, profile, stage]

    def _lose(self, source: Source, now: float) -> None:
        del self._processes[source]
        self._rooms.leave(source, now, lost=True)
        self._restarts[source.kind, source.name] += 1
        self._lost[source] = None

    def _greet(self, source: Source, now: float) -> None:
        if source in self._processes:
            return
        if source in self._lost:
            # It was slow, not dead.
            del self._lost[source]
            self._restarts[source.kind, source.name] -= 1
        if source.kind is Kind.POOL:
            self._pools[source.name] = None
        if source.kind is Kind.HOST:
            # The names of pools and of the ingress are those of many processes, a host's is its own.
            for earlier in [one for one in self._of(Kind.HOST) if one.name == source.name]:
                self._lose(earlier, now)

    def _per_second(self, name: str | None = None) -> dict[Key, float]:
        rates: defaultdict[Key, float] = defaultdict(float)
        for source, process in self._processes.items():
            if name is None or source.name == name:
                for key, rate in process.per_second().items():
                    rates[key] += rate
        return rates

    def _of(self, kind: Kind) -> list[Source]:
        return [source for source in self._processes if source.kind is kind]

    def _restarts_of(self, kind: Kind) -> int:
        return sum(n for (of, _), n in self._restarts.items() if of is kind)

    def _gauge(self, measure: str, name: str | None = None) -> float:
        return sum(
            process.gauges.get((measure,), 0)
            for source, process in self._processes.items()
            if name is None or source.name == name
        )

    def _latency(self) -> dict[str, dict[str, Percentiles]]:
        everyone = {stage: Histogram() for stage in Stage}
        told: dict[str, dict[str, Percentiles]] = {ALL: {}}
        for profile, stage in product(Profile, Stage):
            histogram = self._recent.histograms[LATENCY, profile, stage]
            told.setdefault(str(profile), {})[str(stage)] = histogram.percentiles()
            everyone[stage].merge(histogram)
        told[ALL] = {str(stage): histogram.percentiles() for stage, histogram in everyone.items()}
        return told

    def _pool(self, name: str, now: float) -> PoolStats:
        replicas = sum(source.name == name for source in self._of(Kind.POOL))
        lanes = self._gauge(LANES, name)
        histograms = self._recent.histograms
        span_ms = 1000 * max(1.0, min(self._window_s, now - self._since_s))
        return PoolStats(
            replicas=replicas,
            restarts=self._restarts[Kind.POOL, name],
            depth=int(self._gauge(DEPTH, name)),
            # Of replicas that are gone the work is still in the window.
            utilisation=min(1.0, histograms[WORK, name].total / span_ms / max(1, lanes)),
            cpu=self._per_second(name).get((WORK_CPU,), 0.0) / 1e6,
            batch=histograms[BATCH, name].percentiles(),
            queue_ms=histograms[QUEUE, name].percentiles(),
            work_ms=histograms[WORK, name].percentiles(),
        )


def _strain(process: _Process) -> float:
    return process.gauges.get((STRAIN,), 0.0)


def _counts(counts: Mapping[Key, float]) -> Counts:
    def by_name(measure: str) -> dict[str, float]:
        return {key[1]: n for key, n in sorted(counts.items()) if key[0] == measure and n > 0}

    return Counts(
        results=counts.get((RESULTS,), 0),
        anomalies=counts.get((ANOMALIES,), 0),
        drops=by_name(DROPS),
        errors=by_name(ERRORS),
    )
