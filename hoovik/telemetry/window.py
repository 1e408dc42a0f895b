from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from hoovik.telemetry.histogram import Histogram
from hoovik.telemetry.meter import Key


def _nothing() -> defaultdict[Key, Histogram]:
    return defaultdict(Histogram)


@dataclass(slots=True)
class _Second:
    number: int
    histograms: defaultdict[Key, Histogram] = field(default_factory=_nothing)


class Window:
    """Every value reported in the last seconds.

    What comes within one second is kept as one, so that memory does not grow with the number of
    processes.

    Args:
        window_s: length in whole seconds.

    Attributes:
        histograms: values by key.
    """

    def __init__(self, window_s: int) -> None:
        self.histograms = _nothing()
        self._window_s = window_s
        self._seconds: deque[_Second] = deque()

    def add(self, histograms: Mapping[Key, Histogram], now: float, name: str | None = None) -> None:
        """Take in values, under their key with `name` behind it where there is one."""
        self.expire(now)
        if not self._seconds or self._seconds[-1].number != int(now):
            self._seconds.append(_Second(int(now)))
        for key, histogram in histograms.items():
            of = key if name is None else (*key, name)
            self._seconds[-1].histograms[of].merge(histogram)
            self.histograms[of].merge(histogram)

    def expire(self, now: float) -> None:
        """Forget what is older than the window."""
        while self._seconds and self._seconds[0].number <= int(now) - self._window_s:
            for key, histogram in self._seconds.popleft().histograms.items():
                self.histograms[key].remove(histogram)
