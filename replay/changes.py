"""Moments at which what is expressed changes most, as places in a recording to look at.

At each result the mean probabilities of the seconds before it are held against those of the seconds
from it on, by the Jensen-Shannon distance to base 2: 0 where both are the same, 1 where they have
no emotion in common (Lin 1991, "Divergence measures based on the Shannon entropy", IEEE
Transactions on Information Theory 37(1); the distance is the root of the divergence).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoovik.schema.emotion import EMOTIONS, Profile
from replay.timeline import ParticipantTimeline

WINDOW_S = 3.0
"""How much is looked at before and after."""

FILLED = 0.5
"""Share of its ticks that each side needs; without it a gap would pass for a change."""

FLOOR = 0.25
APART_S = 5.0
MOST = 12


@dataclass(frozen=True, slots=True)
class Change:
    """A moment of change.

    Attributes:
        time_s: on the meeting's clock.
        size: Jensen-Shannon distance of both sides, 0..1.
        before: the most probable emotion of the seconds before, by their mean.
        after: the same of the seconds after; may be the same emotion.
        before_prob: mean probability of `before` on its side.
        after_prob: mean probability of `after` on its side.
        profile_changed: whether the sides mostly rest on other modalities, so that it may be the
            microphone or the camera that changed, not the person.
    """

    time_s: float
    size: float
    before: str
    after: str
    before_prob: float
    after_prob: float
    profile_changed: bool


def changes(one: ParticipantTimeline, tick_s: float) -> list[Change]:
    """The largest changes, by time: local maxima from `FLOOR` on, `APART_S` apart, `MOST` at most.

    Flagged results are left out, as if there were none.
    """
    usual = ~one.results.anomaly
    times = one.results.time_s[usual]
    before, after, filled = _sides(times, one.results.probs[usual], tick_s)
    sizes = np.where(filled, jensen_shannon(before, after), 0.0)
    profiles = np.array([list(Profile).index(profile) for profile in one.results.profile], int)
    shares, shares_after, _ = _sides(times, np.eye(len(Profile))[profiles[usual]], tick_s)
    return [
        Change(
            time_s=float(times[place]),
            size=float(sizes[place]),
            before=EMOTIONS[before[place].argmax()],
            after=EMOTIONS[after[place].argmax()],
            before_prob=float(before[place].max()),
            after_prob=float(after[place].max()),
            profile_changed=bool(shares[place].argmax() != shares_after[place].argmax()),
        )
        for place in sorted(_peaks(times, sizes))
    ]


def jensen_shannon(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,) distances, in 0..1, of N pairs of distributions, (N, k) each."""
    middle = (p + q) / 2
    divergence = (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2
    distances: NDArray[np.float64] = np.sqrt(divergence.clip(0, 1))
    return distances


def _relative_entropy(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,) bits; q is not zero where p is not."""
    some = p > 0
    ratio = np.divide(p, q, out=np.ones_like(p), where=some)
    terms: NDArray[np.float64] = p * np.log2(ratio)
    sums: NDArray[np.float64] = terms.sum(axis=1)
    return sums


def _sides(
    times: NDArray[np.float64], values: NDArray[np.floating], tick_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Means (N, k) of both sides of each of N results, and whether both sides are filled."""
    # Times are multiples of a tick but for rounding, which must not move a result to another side.
    slack = tick_s / 4
    here = np.arange(len(times))
    first = np.searchsorted(times, times - WINDOW_S - slack)
    end = np.searchsorted(times, times + WINDOW_S - slack)
    sums = np.zeros((len(times) + 1, values.shape[1]))
    np.cumsum(values, axis=0, dtype=np.float64, out=sums[1:])
    n_before, n_after = here - first, end - here
    before = (sums[here] - sums[first]) / np.maximum(n_before, 1)[:, None]
    after = (sums[end] - sums[here]) / np.maximum(n_after, 1)[:, None]
    needed = FILLED * WINDOW_S / tick_s
    # Differences of sums may fall below zero by rounding.
    return before.clip(0), after.clip(0), (n_before >= needed) & (n_after >= needed)


def _peaks(times: NDArray[np.float64], sizes: NDArray[np.float64]) -> list[int]:
    """Places of the largest local maxima, the largest first; the first of equals counts."""
    padded = np.concatenate([[0.0], sizes, [0.0]])
    local = (sizes > padded[:-2]) & (sizes >= padded[2:]) & (sizes >= FLOOR)
    chosen: list[int] = []
    for place in sorted(np.flatnonzero(local).tolist(), key=lambda one: (-sizes[one], one)):
        if all(abs(times[place] - times[other]) >= APART_S for other in chosen):
            chosen.append(place)
        if len(chosen) == MOST:
            break
    return chosen
