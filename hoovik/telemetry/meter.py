import threading
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hoovik.telemetry.histogram import Histogram

Key = tuple[str, ...]
"""A measure, and what it is of: ``("drops", "step_shed")``."""


@dataclass(frozen=True, slots=True)
class RoomReport:
    """What one room of a host counted since the host's last report.

    Attributes:
        life: the room's own; another one after it was lost and begun anew, the same where it was
            handed over.
        participants: in it at the moment.
        links: ingress replicas with sockets in it.
        counts: as in `Report`, which does not hold them a second time.
        cpu_s: CPU time that it took.
    """

    life: str
    participants: int = 0
    links: int = 0
    counts: Counter[Key] = field(default_factory=Counter)
    cpu_s: float = 0.0

    def after(self, earlier: "RoomReport | None") -> "RoomReport":
        """The same, with what an earlier one counted that was not taken."""
        if earlier is None:
            return self
        counts = self.counts + earlier.counts
        return replace(self, counts=counts, cpu_s=self.cpu_s + earlier.cpu_s)


@dataclass(frozen=True, slots=True)
class Report:
    """What one process counted since its last report.

    Attributes:
        counts: how often, or how much, was added, but for what its rooms counted.
        histograms: values measured.
        gauges: what is so at the moment.
        span_s: how long ago the last report was that was taken.
        rooms: those that a room host has.
    """

    counts: Counter[Key] = field(default_factory=Counter)
    histograms: dict[Key, Histogram] = field(default_factory=dict)
    gauges: dict[Key, float] = field(default_factory=dict)
    span_s: float = 1.0
    rooms: dict[str, RoomReport] = field(default_factory=dict)


class Meter:
    """Counts of one process, from any of its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Key] = Counter()
        self._histograms: defaultdict[Key, Histogram] = defaultdict(Histogram)
        self._gauges: dict[Key, float] = {}
        self._totals: Counter[Key] = Counter()
        self._returned_s = 0.0
        self._returned: dict[str, RoomReport] = {}

    def count(self, *key: str, by: int = 1) -> None:
        """Add to a count."""
        with self._lock:
            self._counts[key] += by

    def follow(self, measure: str, totals: Mapping[str, int]) -> None:
        """Bring the counts of one measure up to totals that are kept elsewhere."""
        with self._lock:
            for name, total in totals.items():
                key = (measure, name)
                if total > self._totals[key]:
                    self._counts[key] += total - self._totals[key]
                    self._totals[key] = total

    def observe(self, *key: str, value: float) -> None:
        """Note one value of a measure."""
        with self._lock:
            self._histograms[key].add(max(0.0, value))

    def gauge(self, *key: str, value: float) -> None:
        """Say what is so at the moment."""
        with self._lock:
            self._gauges[key] = value

    def take(self, span_s: float = 1.0, rooms: Mapping[str, RoomReport] | None = None) -> Report:
        """Everything since the last time, `span_s` ago, with what rooms counted; gauges stay."""
        told = dict(rooms or {})
        with self._lock:
            for name, earlier in self._returned.items():
                if name in told:
                    told[name] = told[name].after(earlier)
                else:  # it has ended
                    self._counts.update(earlier.counts)
            span_s += self._returned_s
            report = Report(self._counts, dict(self._histograms), dict(self._gauges), span_s, told)
            self._counts = Counter()
            self._histograms = defaultdict(Histogram)
            self._returned_s, self._returned = 0.0, {}
        return report

    def give_back(self, report: Report) -> None:
        """Take back a report that could not be delivered: the next one holds it too."""
        with self._lock:
            self._returned_s += report.span_s
            for name, room in report.rooms.items():
                self._returned[name] = room.after(self._returned.get(name))
            self._counts.update(report.counts)
            for key, histogram in report.histograms.items():
                self._histograms[key].merge(histogram)
