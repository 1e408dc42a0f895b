"""Maximal runs of results that say the same, and of none."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from replay.timeline import ParticipantTimeline, Results

SAME_RUN_TICKS = 1.5
"""Results further apart than this have a gap between them."""

FLAGGED, NOTHING = "flagged", "nothing"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run without a gap in it.

    Attributes:
        start_s: on the meeting's clock.
        end_s: until when its last result holds.
        what: emotion, profile, `FLAGGED` or `NOTHING`.
        first: index of its first result.
        n: how many results; 0 for `NOTHING`.
    """

    start_s: float
    end_s: float
    what: str
    first: int
    n: int

    @property
    def duration_s(self) -> float:
        """Its length."""
        return self.end_s - self.start_s


def emotion_stretches(one: ParticipantTimeline, tick_s: float) -> list[Stretch]:
    """Runs of what a client is told; a flagged result belongs to none."""
    results = one.results
    return runs(_unless(results.emotion, results.anomaly), one, tick_s)


def profile_stretches(one: ParticipantTimeline, tick_s: float) -> list[Stretch]:
    """Runs that rest on the same modalities, flagged or not."""
    return runs(one.results.profile, one, tick_s)


def flagged_stretches(one: ParticipantTimeline, tick_s: float) -> list[Stretch]:
    """Runs of results that a client would suppress."""
    flags = [FLAGGED if flag else None for flag in one.results.anomaly]
    return runs(flags, one, tick_s)


def empty_stretches(one: ParticipantTimeline, tick_s: float) -> list[Stretch]:
    """Where the recording has no result for more than half a tick, from its start to its end."""
    covered = runs(["a result"] * len(one.results), one, tick_s)
    starts = [one.offset_s, *(run.end_s for run in covered)]
    ends = [*(run.start_s for run in covered), one.offset_s + one.duration_s]
    return [
        Stretch(start, end, NOTHING, 0, 0)
        for start, end in zip(starts, ends, strict=True)
        if end - start > tick_s / 2
    ]


def runs(keys: Sequence[str | None], one: ParticipantTimeline, tick_s: float) -> list[Stretch]:
    """Maximal runs of equal keys without a gap.

    Args:
        keys: of each result; None belongs to no run.
        one: whose results they are.
        tick_s: distance of results where nothing is missing.
    """
    times, until = one.results.time_s, held_until(one, tick_s)
    follows = [False, *follows_on(one.results, tick_s)]
    bounds = [
        place for place in range(len(keys)) if not follows[place] or keys[place] != keys[place - 1]
    ]
    return [
        Stretch(float(times[first]), float(until[end - 1]), str(keys[first]), first, end - first)
        for first, end in zip(bounds, [*bounds[1:], len(keys)], strict=False)
        if keys[first] is not None
    ]


def follows_on(results: Results, tick_s: float) -> NDArray[np.bool_]:
    """(N - 1,) whether there is no gap between a result and the next."""
    return np.diff(results.time_s) <= SAME_RUN_TICKS * tick_s


def held_until(one: ParticipantTimeline, tick_s: float) -> NDArray[np.float64]:
    """(N,) when each result ends to hold: with the next, or after a tick where there is a gap.

    None holds longer than the recording.
    """
    times = one.results.time_s
    until = times + tick_s
    if len(times):
        until[:-1] = np.where(follows_on(one.results, tick_s), times[1:], until[:-1])
    end_s = one.offset_s + one.duration_s
    return np.maximum(np.minimum(until, end_s), times)


def _unless(keys: Sequence[str], dropped: NDArray[np.bool_]) -> list[str | None]:
    return [None if drop else key for key, drop in zip(keys, dropped, strict=True)]
