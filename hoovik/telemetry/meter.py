import threading
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from hoovik.telemetry.histogram import Histogram

Key = tuple[str, ...]
"""A measure, and what it is of: ``("drops", "step_shed")``."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one process counted since its last report.

    Attributes:
        counts: how often, or how much, was added.
        histograms: values measured.
        gauges: what is so at the moment.
        span_s: how long ago the last report was.
    """

    counts: Counter[Key] = field(default_factory=Counter)
    histograms: dict[Key, Histogram] = field(default_factory=dict)
    gauges: dict[Key, float] = field(default_factory=dict)
    span_s: float = 1.0


class Meter:
    """Counts of one process, from any of its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Key] = Counter()
        self._histograms: defaultdict[Key, Histogram] = defaultdict(Histogram)
        self._gauges: dict[Key, float] = {}
        self._totals: Counter[Key] = Counter()

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

    def take(self, span_s: float = 1.0) -> Report:
        """Everything since the last time, `span_s` ago; gauges stay."""
        with self._lock:
            report = Report(self._counts, dict(self._histograms), dict(self._gauges), span_s)
            self._counts = Counter()
            self._histograms = defaultdict(Histogram)
        return report

    def give_back(self, report: Report) -> None:
        """Take back a report that could not be delivered: the next one holds it too."""
        with self._lock:
            self._counts.update(report.counts)
            for key, histogram in report.histograms.items():
                self._histograms[key].merge(histogram)
