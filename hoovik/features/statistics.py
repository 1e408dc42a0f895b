"""Statistics over the valid steps of a batch of sequences, vectorised over the batch.

Everywhere ``values`` is (N, T, D) float32 and ``mask`` (N, T) bool; what a masked step holds never
matters. A row without any valid step answers NaN; with one valid step every spread, difference and
slope is 0.
"""

import numpy as np
from numpy.typing import NDArray

from hoovik.layout import SEQ_LEN

Values = NDArray[np.float32]
Mask = NDArray[np.bool_]


def blank_masked(values: Values, mask: Mask) -> Values:
    """`values` with zeros in the masked steps."""
    return np.where(mask[..., None], values, np.float32(0))


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


def mean_std(values: Values, mask: Mask) -> tuple[Values, Values]:
    """Mean and population standard deviation, (N, D) each."""
    weights = mean_weights(mask)
    mean = weighted_sum(weights, blank_masked(values, mask))
    deviations = blank_masked(values - mean[:, None], mask)
    std = np.sqrt(weighted_sum(weights, deviations**2))
    return absent_as_nan(mean, mask), absent_as_nan(std, mask)


def extremes(values: Values, mask: Mask) -> tuple[Values, Values]:
    """Minimum and maximum, (N, D) each."""
    visible = mask[..., None]
    low = np.where(visible, values, np.float32(np.inf)).min(axis=1)
    high = np.where(visible, values, np.float32(-np.inf)).max(axis=1)
    return absent_as_nan(low, mask), absent_as_nan(high, mask)


def change(values: Values, mask: Mask) -> Values:
    """Last valid step minus first, (N, D)."""
    rows = np.arange(len(mask))
    first = mask.argmax(axis=1)
    last = mask.shape[1] - 1 - mask[:, ::-1].argmax(axis=1)
    return absent_as_nan(values[rows, last] - values[rows, first], mask)


def slope(values: Values, mask: Mask) -> Values:
    """Ordinary least squares slope per step index, (N, D).

    The unit is that of the value per step (one tick, 0.3 s live); a masked step leaves a gap in
    the abscissa, so that the slope does not depend on which steps were lost.
    """
    steps = np.arange(mask.shape[1], dtype=np.float32)
    centre = (mean_weights(mask) * steps).sum(axis=1, keepdims=True)
    offsets = np.where(mask, steps - centre, np.float32(0))
    spread = (offsets**2).sum(axis=1, keepdims=True)
    weights = offsets / np.where(spread > 0, spread, np.float32(1))
    return absent_as_nan(weighted_sum(weights, blank_masked(values, mask)), mask)


def successive_differences(values: Values, mask: Mask) -> tuple[Values, NDArray[np.float32]]:
    """Each valid step minus the valid step before it, however far back that lies.

    Returns:
        (N, T, D) differences, zero where a step has no predecessor or is masked; and (N, T)
        weights that average over the pairs of a row, all zero where there is no pair.
    """
    steps = np.arange(mask.shape[1])
    newest = np.maximum.accumulate(np.where(mask, steps, -1), axis=1)
    before = np.concatenate([np.full((len(mask), 1), -1), newest[:, :-1]], axis=1)
    paired = mask & (before >= 0)
    previous = np.take_along_axis(values, np.maximum(before, 0)[..., None], axis=1)
    return blank_masked(values - previous, paired), mean_weights(paired)


def jitter(values: Values, mask: Mask) -> Values:
    """Mean absolute difference between successive valid steps, (N, D)."""
    differences, weights = successive_differences(values, mask)
    return absent_as_nan(weighted_sum(weights, np.abs(differences)), mask)


def interquartile_range(values: Values, mask: Mask) -> Values:
    """75th minus 25th percentile with linear interpolation, as `numpy.quantile`, (N, D)."""
    ordered = np.sort(np.where(mask[..., None], values, np.float32(np.inf)), axis=1)
    top = np.maximum(mask.sum(axis=1) - 1, 0)
    rows = np.arange(len(mask))

    def quantile(share: float) -> Values:
        position = share * top
        below = position.astype(np.intp)
        above = np.minimum(below + 1, top)
        fraction = (position - below).astype(np.float32)[:, None]
        interpolated = ordered[rows, below] * (1 - fraction) + ordered[rows, above] * fraction
        return np.asarray(interpolated, np.float32)

    # Rows without a valid step hold only infinities, whose difference would warn.
    with np.errstate(invalid="ignore"):
        return absent_as_nan(quantile(0.75) - quantile(0.25), mask)


def coverage(mask: Mask) -> NDArray[np.float32]:
    """Share of valid steps, (N, 1)."""
    return np.asarray(mask.sum(axis=1, keepdims=True) / SEQ_LEN, np.float32)
