"""Statistics over the valid steps of a batch of sequences, vectorised over the batch.

A row without any valid step answers NaN; with one valid step every spread, difference and slope is
0. What a masked step holds never matters.
"""

from collections.abc import Iterator
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hoovik.features.sequence import SequenceBatch
from hoovik.layout import SEQ_LEN

Values = NDArray[np.float32]
Mask = NDArray[np.bool_]


class Statistics:
    """Statistics of one modality; each is computed once, when it is first asked for.

    Rows without a valid step are left out of all computing and come back as NaN.

    Args:
        values: (N, T, D) float32.
        mask: (N, T) bool, true where a step is valid.
    """

    def __init__(self, values: Values, mask: Mask) -> None:
        self._present: Mask = np.asarray(mask.any(axis=1))
        if not self._present.all():
            values, mask = values[self._present], mask[self._present]
        self._mask = mask
        self._values = np.where(mask[..., None], values, np.float32(0))
        self._weights = mean_weights(mask)

    @cached_property
    def mean(self) -> Values:
        """Mean, (N, D)."""
        return self._in_all_rows(self._mean)

    @cached_property
    def std(self) -> Values:
        """Population standard deviation, (N, D)."""
        squares = self._values - self._mean[:, None]
        squares *= squares
        return self._in_all_rows(np.sqrt(weighted_sum(self._weights, squares)))

    @cached_property
    def low(self) -> Values:
        """Minimum, (N, D)."""
        return self._in_all_rows(self._ascending[0])

    @cached_property
    def high(self) -> Values:
        """Maximum, (N, D)."""
        return self._in_all_rows(self._ascending[self._top, self._rows])

    @cached_property
    def interquartile_range(self) -> Values:
        """75th minus 25th percentile with linear interpolation, as `numpy.quantile`, (N, D)."""
        return self._in_all_rows(self._quantile(0.75) - self._quantile(0.25))

    @cached_property
    def change(self) -> Values:
        """Last valid step minus first, (N, D)."""
        first = self._mask.argmax(axis=1)
        last = self._mask.shape[1] - 1 - self._mask[:, ::-1].argmax(axis=1)
        return self._in_all_rows(self._values[self._rows, last] - self._values[self._rows, first])

    @cached_property
    def slope(self) -> Values:
        """Ordinary least squares slope per step index, (N, D).

        The unit is that of the value per step (one tick, 0.3 s live); a masked step leaves a gap in
        the abscissa, so that the slope does not depend on which steps were lost.
        """
        steps = np.arange(self._mask.shape[1], dtype=np.float32)
        centre = (self._weights * steps).sum(axis=1, keepdims=True)
        offsets = np.where(self._mask, steps - centre, np.float32(0))
        spread = (offsets**2).sum(axis=1, keepdims=True)
        weights = offsets / np.where(spread > 0, spread, np.float32(1))
        return self._in_all_rows(weighted_sum(weights, self._values))

    @cached_property
    def jitter(self) -> Values:
        """Mean absolute difference between successive valid steps, (N, D)."""
        differences, weights = self._differences
        return self._in_all_rows(weighted_sum(weights, np.abs(differences)))

    def motion_energy(self, columns: slice) -> Values:
        """Squared difference between successive valid steps, summed over some columns, (N, 1)."""
        differences, weights = self._differences
        squares = np.square(differences[..., columns]).sum(axis=2)
        return self._in_all_rows((weights * squares).sum(axis=1, keepdims=True))

    @cached_property
    def _mean(self) -> Values:
        return weighted_sum(self._weights, self._values)

    @cached_property
    def _rows(self) -> NDArray[np.intp]:
        return np.arange(len(self._mask))

    @cached_property
    def _top(self) -> NDArray[np.intp]:
        """Rank of the largest valid value of each row."""
        return np.asarray(self._mask.sum(axis=1) - 1, np.intp)

    @cached_property
    def _ascending(self) -> Values:
        """(T, N, D): the valid values of each row by rank, infinities behind them."""
        visible = self._mask.T[..., None]
        return in_order(np.where(visible, self._values.swapaxes(0, 1), np.float32(np.inf)))

    def _quantile(self, share: float) -> Values:
        position = share * self._top
        below = position.astype(np.intp)
        above = np.minimum(below + 1, self._top)
        fraction = (position - below).astype(np.float32)[:, None]
        ranked, rows = self._ascending, self._rows
        return ranked[below, rows] * (1 - fraction) + ranked[above, rows] * fraction

    @cached_property
    def _differences(self) -> tuple[Values, NDArray[np.float32]]:
        """Each valid step minus the valid step before it, however far back that lies.

        (n, T, D) differences of the present rows, and (n, T) weights that average over the pairs of
        a row; they are zero where a step has no predecessor or is masked, and its difference is
        none.
        """
        steps = np.arange(self._mask.shape[1])
        newest = np.maximum.accumulate(np.where(self._mask, steps, -1), axis=1)
        before = np.concatenate([np.full((len(newest), 1), -1), newest[:, :-1]], axis=1)
        paired = self._mask & (before >= 0)
        previous = self._values[self._rows[:, None], np.maximum(before, 0)]
        return np.subtract(self._values, previous, out=previous), mean_weights(paired)

    def _in_all_rows(self, columns: Values) -> Values:
        if self._present.all():
            return columns
        spread = np.full((len(self._present), columns.shape[1]), np.nan, np.float32)
        spread[self._present] = columns
        return spread


class ModalityStatistics(NamedTuple):
    """Statistics of both modalities of N sequences."""

    face: Statistics
    audio: Statistics

    @classmethod
    def of(cls, batch: SequenceBatch) -> "ModalityStatistics":
        """Those of a batch."""
        return cls(
            Statistics(batch.face, batch.face_mask), Statistics(batch.audio, batch.audio_mask)
        )


def weighted_sum(weights: NDArray[np.floating], values: Values) -> Values:
    """Sum over the steps: weights (N, T), values (N, T, D) without NaN, result (N, D) float32."""
    summed: Values = np.matmul(weights[:, None, :].astype(np.float32), values)[:, 0]
    return summed


def absent_as_nan(columns: Values, mask: Mask) -> Values:
    """`columns` (N, C) with NaN in the rows that have no valid step."""
    return np.where(mask.any(axis=1, keepdims=True), columns, np.float32(np.nan))


def mean_weights(mask: Mask) -> NDArray[np.float32]:
    """Weights (N, T) that add up to 1 over the valid steps of a row."""
    shares = mask / np.maximum(mask.sum(axis=1, keepdims=True), 1)
    return np.asarray(shares, np.float32)


def coverage(mask: Mask) -> NDArray[np.float32]:
    """Share of valid steps, (N, 1)."""
    return np.asarray(mask.sum(axis=1, keepdims=True) / SEQ_LEN, np.float32)


def in_order(values: Values) -> Values:
    """Values (T, ...) sorted along their first axis; the argument is used up.

    A sorting network compares whole rows with each other, many columns at a time; sorting ten
    numbers by themselves, column after column, takes several times as long.
    """
    rows = list(values)
    spare = np.empty_like(rows[0])
    for one, other in _comparisons(len(rows)):
        low = np.minimum(rows[one], rows[other], out=spare)
        np.maximum(rows[one], rows[other], out=rows[other])
        rows[one], spare = low, rows[one]
    return np.stack(rows)


@cache
def _comparisons(length: int) -> tuple[tuple[int, int], ...]:
    """Batcher's merge exchange: what to compare to sort so many (Knuth, TAOCP 3, 5.2.2, M)."""
    return tuple(_merge_exchange(length))


def _merge_exchange(length: int) -> Iterator[tuple[int, int]]:
    half = 1 << max(0, (length - 1).bit_length() - 1)
    stride = half
    while stride:
        distance, remainder, phase = stride, 0, half
        while True:
            yield from (
                (i, i + distance) for i in range(length - distance) if i & stride == remainder
            )
            if phase == stride:
                break
            distance, remainder, phase = phase - stride, stride, phase // 2
        stride //= 2
