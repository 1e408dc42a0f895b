from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from hoovik.schema.emotion import Profile
from hoovik.schema.stats import Counts, Percentiles, PoolStats, RoomCounts, Stats
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
    PARTICIPANTS,
    QUEUE,
    RESULTS,
    SOCKETS,
    STRAIN,
    SUBSCRIBERS,
    WORK,
    WORK_CPU,
    Kind,
    Source,
    Stage,
)
from hoovik.telemetry.meter import Key, Report
from hoovik.telemetry.window import Window

RATE_REPORTS = 3
"""Rates are those over a process's last reports, some twelve seconds."""

SILENT_S = 13.0
"""A process that has not reported for this long is gone."""

ROOMS_SHOWN = 100
ALL = "all"


@dataclass(slots=True)
class _Process:
    """One source as last heard."""

    seen_s: float = 0.0
    gauges: dict[Key, float] = field(default_factory=dict)
    reports: deque[Report] = field(default_factory=lambda: deque(maxlen=RATE_REPORTS))

    def per_second(self) -> dict[Key, float]:
        """How fast it counts."""
        counts: Counter[Key] = Counter()
        for report in self.reports:
            counts.update(report.counts)
        span_s = sum(report.span_s for report in self.reports)
        return {key: count / span_s for key, count in counts.items()}


@dataclass(slots=True)
class _Room:
    """One open room over its life, restarts included."""

    totals: Counter[Key] = field(default_factory=Counter)
    restarts: int = 0


class ClusterTelemetry:
    """Adds up what all processes report, and says how the service as a whole does.

    Times are seconds on any one clock; each call passes its own.

    Args:
        now: when counting begins.
        window_s: what distributions are of, in whole seconds.
    """

    def __init__(self, now: float, window_s: int) -> None:
        self._since_s = now
        self._window_s = window_s
        self._processes: dict[Source, _Process] = {}
        self._rooms: dict[str, _Room] = {}
        self._restarts: Counter[tuple[Kind, str]] = Counter()
        self._lost: dict[Source, None] = {}
        self._pools: dict[str, None] = {}
        self._recent = Window(window_s)
        self._latencies: defaultdict[Key, Histogram] = defaultdict(Histogram)
        self.totals: Counter[Key] = Counter()

    def take(self, source: Source, report: Report, now: float) -> None:
        """Take in what a process counted since its last report."""
        self._greet(source)
        process = self._processes.setdefault(source, _Process())
        process.seen_s, process.gauges = now, report.gauges
        process.reports.append(Report(report.counts, span_s=report.span_s))
        self.totals.update(report.counts)
        if source.kind is Kind.ROOM:
            self._rooms[source.name].totals.update(report.counts)
        for key, histogram in report.histograms.items():
            if key[0] == LATENCY:
                self._latencies[key].merge(histogram)
        named = source.name if source.kind is Kind.POOL else None
        self._recent.add(report.histograms, now, named)

    def farewell(self, source: Source) -> None:
        """Note that a process ends in order."""
        if self._processes.pop(source, None) is not None and source.kind is Kind.ROOM:
            self._rooms.pop(source.name, None)

    def look_after(self, now: float) -> None:
        """Let go who has fallen silent."""
        silent = [
            one for one, process in self._processes.items() if now - process.seen_s > SILENT_S
        ]
        for source in silent:
            self.farewell(source)
            if source.kind is not Kind.ROOM:
                self._restarts[source.kind, source.name] += 1
                self._lost[source] = None
        # Of those who never come back only the newest are remembered.
        while len(self._lost) > ROOMS_SHOWN:
            del self._lost[next(iter(self._lost))]

    def stats(self, now: float) -> Stats:
        """The service as a whole."""
        self.look_after(now)
        self._recent.expire(now)
        rates = self._per_second()
        return Stats(
            ts=now,
            since_ts=self._since_s,
            window_s=self._window_s,
            sockets=int(self._gauge(SOCKETS)),
            participants=int(self._gauge(PARTICIPANTS)),
            rooms=len(self._rooms),
            strain=max(map(_strain, self._processes.values()), default=0.0),
            ingress_replicas=len(self._of(Kind.INGRESS)),
            ingress_restarts=self._restarts_of(Kind.INGRESS),
            per_second=_counts(rates),
            totals=_counts(self.totals),
            latency_ms=self._latency(),
            pools={name: self._pool(name, now) for name in sorted(self._pools)},
            open_rooms=self._open_rooms(),
            telemetry_cpu=rates.get((OWN_CPU,), 0.0) / 1e6,
        )

    def latency_since_start(self) -> Iterator[tuple[Profile, Stage, Histogram]]:
        """Latencies of all results so far, by profile and stage."""
        for profile, stage in product(Profile, Stage):
            yield profile, stage, self._latencies[LATENCY, profile, stage]

    def _greet(self, source: Source) -> None:
        if source in self._processes:
            return
        if source in self._lost:
            # It was slow, not dead.
            del self._lost[source]
            self._restarts[source.kind, source.name] -= 1
        if source.kind is Kind.POOL:
            self._pools[source.name] = None
        if source.kind is Kind.ROOM:
            room = self._rooms.setdefault(source.name, _Room())
            for earlier in [one for one in self._of(Kind.ROOM) if one.name == source.name]:
                del self._processes[earlier]
                room.restarts += 1

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

    def _open_rooms(self) -> list[RoomCounts]:
        rooms = [
            self._open_room(source.name, self._processes[source]) for source in self._of(Kind.ROOM)
        ]
        return sorted(rooms, key=lambda room: (-room.participants, room.room))[:ROOMS_SHOWN]

    def _open_room(self, name: str, process: _Process) -> RoomCounts:
        room = self._rooms[name]
        totals = _counts(room.totals)
        return RoomCounts(
            room=name,
            participants=int(process.gauges.get((PARTICIPANTS,), 0)),
            ingress_replicas=int(process.gauges.get((SUBSCRIBERS,), 0)),
            results_per_s=process.per_second().get((RESULTS,), 0.0),
            strain=_strain(process),
            results=int(totals.results),
            anomalies=int(totals.anomalies),
            drops={reason: int(count) for reason, count in totals.drops.items()},
            restarts=room.restarts,
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
