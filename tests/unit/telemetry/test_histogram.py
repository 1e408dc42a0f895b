import numpy as np
import pytest

from hoovik.telemetry.histogram import Histogram


def of(values: np.ndarray) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.add(float(value))
    return histogram


@pytest.fixture
def latencies() -> np.ndarray:
    return np.random.default_rng(0).lognormal(5, 0.6, 5000)


def test_percentiles_are_right_within_their_promise(latencies: np.ndarray) -> None:
    told = of(latencies).percentiles()
    assert told.n == 5000
    assert told.mean == pytest.approx(latencies.mean())
    for share in (50, 90, 95, 99):
        exact = np.percentile(latencies, share)
        assert getattr(told, f"p{share}") == pytest.approx(exact, rel=0.026)


def test_parts_add_up_to_the_whole_and_can_be_taken_back(latencies: np.ndarray) -> None:
    first, second = of(latencies[:2000]), of(latencies[2000:])
    first.merge(second)
    assert first.counts == of(latencies).counts
    first.remove(second)
    assert first.counts == of(latencies[:2000]).counts
    assert first.total == pytest.approx(latencies[:2000].sum())
    first.remove(of(latencies[:2000]))
    assert (first.n, first.total) == (0, 0.0)


def test_nothing_has_no_percentiles() -> None:
    told = Histogram().percentiles()
    assert told.n == 0
    assert told.p95 is None
    assert told.mean is None


def test_what_is_next_to_nothing_counts_as_nothing() -> None:
    told = of(np.array([0.0, 0.05])).percentiles()
    assert told.p99 == 0.0


def test_counts_up_to_bounds_only_rise(latencies: np.ndarray) -> None:
    bounds = (50, 150, 400, 1e6)
    counts = of(latencies).at_most(bounds)
    exact = [int((latencies <= bound).sum()) for bound in bounds]
    assert counts == sorted(counts)
    assert counts[-1] == 5000
    assert counts == pytest.approx(exact, abs=150)
