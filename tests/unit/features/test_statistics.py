import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from hoovik.features import statistics

# One row, one column: 5, 2, 14 at steps 2, 4, 9 of ten; what stands between them is nobody's.
VALUES = np.array([[99, 99, 5, 99, 2, 99, 99, 99, 99, 14]], np.float32)[..., None]
MASK = np.isin(np.arange(10), (2, 4, 9))[None]
NOWHERE = np.zeros((1, 10), bool)


def column(answer: NDArray[np.float32]) -> float:
    assert answer.shape == (1, 1)
    assert answer.dtype == np.float32
    return float(answer[0, 0])


def test_mean_and_population_deviation() -> None:
    mean, std = statistics.mean_std(VALUES, MASK)
    assert column(mean) == pytest.approx(7)
    assert column(std) == pytest.approx(((4 + 25 + 49) / 3) ** 0.5)


def test_extremes() -> None:
    low, high = statistics.extremes(VALUES, MASK)
    assert (column(low), column(high)) == (2, 14)


def test_change_is_last_minus_first() -> None:
    assert column(statistics.change(VALUES, MASK)) == 9


def test_slope_is_per_step_with_the_gaps_in_it() -> None:
    # Steps 2, 4, 9 lie -3, -1, 4 from their centre: (-15 - 2 + 56) / (9 + 1 + 16).
    assert column(statistics.slope(VALUES, MASK)) == pytest.approx(1.5)


def test_a_line_has_its_slope_whatever_was_lost() -> None:
    line = (3 + 0.5 * np.arange(10, dtype=np.float32))[None, :, None]
    for steps in ([0, 9], [0, 1, 2], [3, 7, 8], range(10)):
        mask = np.isin(np.arange(10), list(steps))[None]
        assert column(statistics.slope(line, mask)) == pytest.approx(0.5)


def test_jitter_is_the_mean_distance_of_neighbours() -> None:
    assert column(statistics.jitter(VALUES, MASK)) == pytest.approx((3 + 12) / 2)


def test_interquartile_range_is_interpolated() -> None:
    # Of 2, 5, 14: 3.5 and 9.5.
    assert column(statistics.interquartile_range(VALUES, MASK)) == pytest.approx(6)


def test_successive_differences_reach_over_gaps() -> None:
    differences, weights = statistics.successive_differences(VALUES, MASK)
    assert differences[0, :, 0].tolist() == [0, 0, 0, 0, -3, 0, 0, 0, 0, 12]
    assert weights[0].tolist() == [0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.5]


def test_coverage_is_the_share_of_ten_steps() -> None:
    assert column(statistics.coverage(MASK)) == pytest.approx(0.3)
    assert column(statistics.coverage(NOWHERE)) == 0


SPREADS = (
    statistics.change,
    statistics.slope,
    statistics.jitter,
    statistics.interquartile_range,
    lambda values, mask: statistics.mean_std(values, mask)[1],
)
PLACES = (
    lambda values, mask: statistics.mean_std(values, mask)[0],
    lambda values, mask: statistics.extremes(values, mask)[0],
    lambda values, mask: statistics.extremes(values, mask)[1],
)


def test_one_valid_step_has_a_place_and_no_spread() -> None:
    mask = np.arange(10)[None] == 4
    assert [column(place(VALUES, mask)) for place in PLACES] == [2, 2, 2]
    assert [column(spread(VALUES, mask)) for spread in SPREADS] == [0] * 5


def test_no_valid_step_is_not_a_number() -> None:
    for statistic in (*PLACES, *SPREADS):
        assert np.isnan(column(statistic(VALUES, NOWHERE)))


@given(
    values=arrays.arrays(np.float32, (10,), elements=st.floats(-1000, 1000, width=32)),
    mask=arrays.arrays(bool, (10,)).filter(np.any),
)
def test_they_are_what_numpy_says_of_the_valid_steps(
    values: NDArray[np.float32], mask: NDArray[np.bool_]
) -> None:
    valid, steps = values[mask].astype(np.float64), np.flatnonzero(mask)
    slope = np.polyfit(steps, valid, 1)[0] if steps.size > 1 else 0.0
    jitter = np.abs(np.diff(valid)).mean() if steps.size > 1 else 0.0
    expected = [valid.mean(), valid.min(), valid.max()]
    expected += [valid[-1] - valid[0], slope, jitter]
    expected += [np.quantile(valid, 0.75) - np.quantile(valid, 0.25), valid.std()]
    answers = [
        column(statistic(values[None, :, None], mask[None])) for statistic in (*PLACES, *SPREADS)
    ]
    assert answers == pytest.approx(expected, abs=2e-3, rel=1e-4)
