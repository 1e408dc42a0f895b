from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from math import ceil, log

from hoovik.schema.stats import Percentiles

GROWTH = 1.05
LOWEST = 0.1

_LOG_GROWTH = log(GROWTH)


def bucket_of(value: float) -> int:
    """Number of a value's bucket; 0 holds everything up to `LOWEST`."""
    return 0 if value <= LOWEST else ceil(log(value / LOWEST) / _LOG_GROWTH)


def value_of(bucket: int) -> float:
    """The value that stands for a bucket, within 2.5 % of all that are in it."""
    return 0.0 if bucket == 0 else LOWEST * GROWTH ** (bucket - 0.5)


@dataclass(slots=True)
class Histogram:
    """Values of one measure in buckets of growing width.

    Each bucket is 5 % wider than the one before, so that a percentile is right within 2.5 %
    whatever the scale, and histograms of many processes add up without loss (Masson et al. 2019,
    "DDSketch", whose buckets these are).

    Attributes:
        counts: values by bucket.
        total: their sum, so that a mean is exact.
    """

    counts: Counter[int] = field(default_factory=Counter)
    total: float = 0.0

    @property
    def n(self) -> int:
        """Values seen."""
        return sum(self.counts.values())

    def add(self, value: float) -> None:
        """Count one value, 0 or more."""
        self.counts[bucket_of(value)] += 1
        self.total += value

    def merge(self, other: "Histogram") -> None:
        """Count the values of another one too."""
        self.counts.update(other.counts)
        self.total += other.total

    def remove(self, other: "Histogram") -> None:
        """Take back what was merged."""
        self.counts.subtract(other.counts)
        self.counts = +self.counts
        # Sums of floats leave dust behind; nothing counted is nothing.
        self.total = self.total - other.total if self.counts else 0.0

    def percentiles(self) -> Percentiles:
        """Its spread; without values, of nothing."""
        n = self.n
        if not n:
            return Percentiles()
        p50, p90, p95, p99 = self._quantiles(n, (0.5, 0.9, 0.95, 0.99))
        return Percentiles(n=n, mean=self.total / n, p50=p50, p90=p90, p95=p95, p99=p99)

    def at_most(self, bounds: Iterable[float]) -> list[int]:
        """How many values are at most each bound (ascending), to the nearest bucket."""
        last = [bucket_of(bound) for bound in bounds]
        counts = [0] * len(last)
        for bucket, count in self.counts.items():
            place = bisect_left(last, bucket)
            if place < len(last):
                counts[place] += count
        return list(accumulate(counts))

    def _quantiles(self, n: int, shares: tuple[float, ...]) -> list[float]:
        values: list[float] = []
        seen = 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            while len(values) < len(shares) and seen >= shares[len(values)] * n:
                values.append(value_of(bucket))
        return values
