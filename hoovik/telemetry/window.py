from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field

from hoovik.telemetry.histogram import Histogram
from hoovik.telemetry.meter import Key, Report


@dataclass(slots=True)
class _Second:
    number: int
    counts: Counter[Key] = field(default_factory=Counter)
    histograms: defaultdict[Key, Histogram] = field(default_factory=lambda: defaultdict(Histogram))


class Window:
    """Everything reported in the last seconds, added up.

    Reports of one second are kept as one, so that memory does not grow with their number.

    Args:
        window_s: length in whole seconds.

    Attributes:
        counts: sums by key.
        histograms: values by key.
    """

    def __init__(self, window_s: int) -> None:
        self.window_s = window_s
        self.counts: Counter[Key] = Counter()
        self.histograms: defaultdict[Key, Histogram] = defaultdict(Histogram)
        self._seconds: deque[_Second] = deque()

    def add(self, report: Report, now: float) -> None:
        """Take in a report."""
        self.expire(now)
        if not self._seconds or self._seconds[-1].number != int(now):
            self._seconds.append(_Second(int(now)))
        second = self._seconds[-1]
        for counts in (second.counts, self.counts):
            counts.update(report.counts)
        for key, histogram in report.histograms.items():
            second.histograms[key].merge(histogram)
            self.histograms[key].merge(histogram)

    def expire(self, now: float) -> None:
        """Forget what is older than the window."""
        while self._seconds and self._seconds[0].number <= int(now) - self.window_s:
            second = self._seconds.popleft()
            self.counts.subtract(second.counts)
            for key, histogram in second.histograms.items():
                self.histograms[key].remove(histogram)
