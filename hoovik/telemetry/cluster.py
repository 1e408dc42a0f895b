from collections import Counter, defaultdict
from collections.abc import Iterator
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
    LATENCY,
    OWN_CPU,
    PARTICIPANTS,
    QUEUE,
    RESULTS,
    SOCKETS,
    WORK,
    Kind,
    Source,
    Stage,
)
from hoovik.telemetry.meter import Key, Report
from hoovik.telemetry.window import Window

WINDOW_S = 60
RATE_S = 10
SILENT_S = 8.0
"""A process that has not reported for this long is gone."""

ROOMS_SHOWN = 100
ALL = "all"


@dataclass(slots=True)
class _Process:
    """One source as last heard."""

    seen_s: float
    gauges: dict[Key, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Room:
    """One open room over its life, restarts included."""

    window: Window = field(default_factory=lambda: Window(RATE_S))
    totals: Counter[Key] = field(default_factory=Counter)
    restarts: int = 0


class ClusterTelemetry:
    """Adds up what all processes report, and says how the service as a whole does.

    Times are seconds on any one clock; each call passes its own.
    """

    def __init__(self, now: float) -> None:
        self._since_s = now
        self._processes: dict[Source, _Process] = {}
        self._rooms: dict[str, _Room] = {}
        self._restarts: Counter[tuple[Kind, str]] = Counter()
        self._lost: dict[Source, None] = {}
        self._pools: dict[str, None] = {}
        self._recent = Window(WINDOW_S)
        self._rates = Window(RATE_S)
        self._latencies: defaultdict[Key, Histogram] = defaultdict(Histogram)
        self.totals: Counter[Key] = Counter()

    def take(self, source: Source, report: Report, now: float) -> None:
        """Take in what a process counted since its last report."""
        self._greet(source)
        self._processes[source] = _Process(now, report.gauges)
        if source.kind is Kind.ROOM:
            room = self._rooms[source.name]
            room.totals.update(report.counts)
            room.window.add(Report(report.counts), now)
        if source.kind is Kind.POOL:
            report = _named(report, source.name)
        self._add(report, now)

    def count(self, measure: str, by: int, now: float) -> None:
        """Add to a count that is no process's own."""
        self._add(Report(Counter({(measure,): by})), now)

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
        self._rates.expire(now)
        span_s = max(1.0, min(RATE_S, now - self._since_s))
        return Stats(
            ts=now,
            since_ts=self._since_s,
            window_s=WINDOW_S,
            sockets=int(self._gauge(SOCKETS)),
            participants=int(self._gauge(PARTICIPANTS)),
            rooms=len(self._rooms),
            ingress_replicas=len(self._of(Kind.INGRESS)),
            ingress_restarts=self._restarts_of(Kind.INGRESS),
            per_second=_counts(self._rates.counts, span_s),
            totals=_counts(self.totals),
            latency_ms=self._latency(),
            pools={name: self._pool(name, now) for name in sorted(self._pools)},
            open_rooms=self._open_rooms(now),
            telemetry_cpu=self._rates.counts[OWN_CPU,] / 1e6 / span_s,
        )

    def latency_since_start(self) -> Iterator[tuple[Profile, Stage, Histogram]]:
        """Latencies of all results so far, by profile and stage."""
        for profile, stage in product(Profile, Stage):
            yield profile, stage, self._latencies[LATENCY, profile, stage]

    def _add(self, report: Report, now: float) -> None:
        self.totals.update(report.counts)
        for key, histogram in report.histograms.items():
            if key[0] == LATENCY:
                self._latencies[key].merge(histogram)
        self._recent.add(Report(histograms=report.histograms), now)
        self._rates.add(Report(report.counts), now)

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
        histograms = self._recent.histograms
        span_ms = 1000 * max(1.0, min(WINDOW_S, now - self._since_s))
        return PoolStats(
            replicas=replicas,
            restarts=self._restarts[Kind.POOL, name],
            depth=int(self._gauge(DEPTH, name)),
            utilisation=histograms[WORK, name].total / span_ms / max(1, replicas),
            batch=histograms[BATCH, name].percentiles(),
            queue_ms=histograms[QUEUE, name].percentiles(),
            work_ms=histograms[WORK, name].percentiles(),
        )

    def _open_rooms(self, now: float) -> list[RoomCounts]:
        present = {
            source.name: int(self._processes[source].gauges.get((PARTICIPANTS,), 0))
            for source in self._of(Kind.ROOM)
        }
        fullest = sorted(present, key=lambda name: (-present[name], name))[:ROOMS_SHOWN]
        return [self._open_room(name, present[name], now) for name in fullest]

    def _open_room(self, name: str, participants: int, now: float) -> RoomCounts:
        room = self._rooms[name]
        room.window.expire(now)
        totals = _counts(room.totals)
        return RoomCounts(
            room=name,
            participants=participants,
            results_per_s=room.window.counts[RESULTS,] / RATE_S,
            results=int(totals.results),
            anomalies=int(totals.anomalies),
            drops={reason: int(count) for reason, count in totals.drops.items()},
            restarts=room.restarts,
        )


def _named(report: Report, name: str) -> Report:
    """The same with the pool's name in every key."""
    return Report(
        Counter({_key(key, name): count for key, count in report.counts.items()}),
        {_key(key, name): histogram for key, histogram in report.histograms.items()},
    )


def _key(key: Key, name: str) -> Key:
    return key if key == (OWN_CPU,) else (*key, name)


def _counts(counts: Counter[Key], span_s: float = 1.0) -> Counts:
    def by_name(measure: str) -> dict[str, float]:
        found = {key[1]: n / span_s for key, n in counts.items() if key[0] == measure and n > 0}
        return dict(sorted(found.items()))

    return Counts(
        results=counts[RESULTS,] / span_s,
        anomalies=counts[ANOMALIES,] / span_s,
        drops=by_name(DROPS),
        errors=by_name(ERRORS),
    )
