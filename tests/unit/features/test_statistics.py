import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from hoovik.features.statistics import Statistics, coverage, in_order

# One row, one column: 5, 2, 14 at steps 2, 4, 9 of ten; what stands between them is nobody's.
VALUES = np.array([[99, 99, 5, 99, 2, 99, 99, 99, 99, 14]], np.float32)[..., None]
MASK = np.isin(np.arange(10), (2, 4, 9))[None]
NOWHERE = np.zeros((1, 10), bool)


def column(answer: NDArray[np.float32]) -> float:
    assert answer.shape == (1, 1)
    assert answer.dtype == np.float32
    return float(answer[0, 0])


def test_mean_and_population_deviation() -> None:
    known = Statistics(VALUES, MASK)
    assert column(known.mean) == pytest.approx(7)
    assert column(known.std) == pytest.approx(((4 + 25 + 49) / 3) ** 0.5)


def test_extremes() -> None:
    known = Statistics(VALUES, MASK)
    assert (column(known.low), column(known.high)) == (2, 14)


def test_change_is_last_minus_first() -> None:
    assert column(Statistics(VALUES, MASK).change) == 9


def test_slope_is_per_step_with_the_gaps_in_it() -> None:
    # Steps 2, 4, 9 lie -3, -1, 4 from their centre: (-15 - 2 + 56) / (9 + 1 + 16).
    assert column(Statistics(VALUES, MASK).slope) == pytest.approx(1.5)


def test_a_line_has_its_slope_whatever_was_lost() -> None:
    line = (3 + 0.5 * np.arange(10, dtype=np.float32))[None, :, None]
    for steps in ([0, 9], [0, 1, 2], [3, 7, 8], range(10)):
        mask = np.isin(np.arange(10), list(steps))[None]
        assert column(Statistics(line, mask).slope) == pytest.approx(0.5)


def test_jitter_is_the_mean_distance_of_neighbours() -> None:
    assert column(Statistics(VALUES, MASK).jitter) == pytest.approx((3 + 12) / 2)


def test_interquartile_range_is_interpolated() -> None:
    # Of 2, 5, 14: 3.5 and 9.5.
    assert column(Statistics(VALUES, MASK).interquartile_range) == pytest.approx(6)


def test_motion_energy_reaches_over_gaps_and_takes_the_columns_it_is_told() -> None:
    three = VALUES * np.array([1, 10, 100], np.float32)
    energy = Statistics(three, MASK).motion_energy(slice(0, 2))
    assert column(energy) == pytest.approx(101 * (3**2 + 12**2) / 2)


def test_coverage_is_the_share_of_ten_steps() -> None:
    assert column(coverage(MASK)) == pytest.approx(0.3)
    assert column(coverage(NOWHERE)) == 0


SPREADS = ("change", "slope", "jitter", "interquartile_range", "std")
PLACES = ("mean", "low", "high")


def answers_of(
    names: tuple[str, ...], values: NDArray[np.float32], mask: NDArray[np.bool_]
) -> list[float]:
    known = Statistics(values, mask)
    return [column(getattr(known, name)) for name in names]


def test_one_valid_step_has_a_place_and_no_spread() -> None:
    mask = np.arange(10)[None] == 4
    assert answers_of(PLACES, VALUES, mask) == [2, 2, 2]
    assert answers_of(SPREADS, VALUES, mask) == [0] * 5


def test_no_valid_step_is_not_a_number() -> None:
    assert np.isnan(answers_of((*PLACES, *SPREADS), VALUES, NOWHERE)).all()


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
    answers = answers_of((*PLACES, *SPREADS), values[None, :, None], mask[None])
    assert answers == pytest.approx(expected, abs=2e-3, rel=1e-4)


def test_rows_without_a_step_change_nothing_in_the_others() -> None:
    generator = np.random.default_rng(0)
    values = generator.standard_normal((6, 10, 4), np.float32)
    mask = generator.random((6, 10)) < 0.5
    mask[[1, 4]] = False
    together = Statistics(values, mask)
    for name in (*PLACES, *SPREADS):
        rows = getattr(together, name)
        assert np.isnan(rows[[1, 4]]).all()
        for row in (0, 2, 3, 5):
            alone = getattr(Statistics(values[row : row + 1], mask[row : row + 1]), name)
            np.testing.assert_array_equal(rows[row : row + 1], alone)


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 9, 10])
def test_the_network_sorts_any_zeros_and_ones(length: int) -> None:
    # What sorts every row of zeros and ones sorts everything (Knuth, TAOCP 3, 5.3.4, Z).
    every = np.arange(2**length)[None] >> np.arange(length)[:, None] & 1
    np.testing.assert_array_equal(in_order(every.astype(np.float32)), np.sort(every, axis=0))
