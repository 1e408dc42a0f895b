"""Results as they are drawn: as they are, or averaged where there are more than a screen shows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoovik.schema.emotion import EMOTIONS, Profile
from replay.stretches import held_until
from replay.timeline import ParticipantTimeline

MOST = 2000
"""Bins of the meeting, of which each participant has at most as many."""

Floats = NDArray[np.float64]
Corners = tuple[Floats, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """B bins with results, in the order of time.

    Attributes:
        start_s: (B,) time of the first result in each.
        end_s: (B,) until when its last result holds.
        probs: (B, 6) means of what is not flagged, or of all where all is flagged.
        told: (B,) index of the label told most often; -1 where all is flagged.
        confidence: (B,) mean over what is not flagged, or over all.
        profile: (B,) index in `Profile` of what most results rest on.
        voice: (B,) share of the ticks whose result rests on the voice.
        face: (B,) the same of the face.
        flagged: (B,) share of the results that are flagged.
        tick_s: distance of results where nothing is missing.
    """

    start_s: Floats
    end_s: Floats
    probs: Floats
    told: NDArray[np.int64]
    confidence: Floats
    profile: NDArray[np.int64]
    voice: Floats
    face: Floats
    flagged: Floats
    tick_s: float

    def __len__(self) -> int:
        return len(self.start_s)

    def line(self, values: Floats) -> Corners:
        """Corners of a line of steps: times in seconds, and values.

        A value holds until the next bin, or to the end of its own where a gap follows; NaN lies
        between such runs.
        """
        everything = np.arange(len(self))
        last = self._last(everything)
        closing = np.column_stack([values[last], np.full(len(last), np.nan)]).ravel()
        return self._corners(everything, values, np.repeat(last, 2), closing)

    def area(self, values: Floats, keep: NDArray[np.bool_] | None = None) -> Corners:
        """The same for what is filled down to zero, to which it falls where bins are not kept.

        Plotly fills over NaN, so that an area has to close by itself.
        """
        kept = np.flatnonzero(np.ones(len(self), bool) if keep is None else keep)
        last = self._last(kept)
        return self._corners(kept, values, last, np.zeros(len(last)))

    def _last(self, kept: NDArray[np.int64]) -> NDArray[np.int64]:
        """Places in `kept` after which neither the next bin is kept nor follows at once."""
        if not len(kept):
            return kept
        starts, ends = self.start_s[kept[1:]], self.end_s[kept[:-1]]
        breaks = (np.diff(kept) > 1) | (starts - ends > self.tick_s / 2)
        return np.append(np.flatnonzero(breaks), len(kept) - 1)

    def _corners(
        self, kept: NDArray[np.int64], values: Floats, last: NDArray[np.int64], closing: Floats
    ) -> Corners:
        times = np.insert(self.start_s[kept], last + 1, self.end_s[kept][last])
        heights = np.insert(values[kept], last + 1, closing)
        return times, heights.astype(np.float32)


def bin_ticks(duration_s: float, tick_s: float) -> int:
    """How many ticks a bin has."""
    return max(1, int(np.ceil(duration_s / tick_s / MOST - 1e-6)))


def drawn(one: ParticipantTimeline, tick_s: float, ticks: int) -> Drawn:
    """Results in bins of so many ticks from the start of the meeting; with one tick, as they are."""
    results = one.results
    bins = np.arange(len(results))
    if ticks > 1:
        bins = np.floor(results.time_s / (ticks * tick_s) + 1e-6).astype(np.int64)
    first = np.flatnonzero(np.diff(bins, prepend=-1)) if len(bins) else bins
    usual = ~results.anomaly
    profiles = _one_hot([list(Profile).index(profile) for profile in results.profile], len(Profile))
    labels = _one_hot([EMOTIONS.index(emotion) for emotion in results.emotion], len(EMOTIONS))

    def total(values: NDArray[np.generic]) -> Floats:
        """Sums over each bin."""
        if not len(first):
            return np.zeros((0, *values.shape[1:]))
        return np.add.reduceat(values.astype(np.float64), first, axis=0)

    n, n_usual = total(np.ones(len(results))), total(usual)
    # Where all of a bin is flagged, its flagged results are what there is to see.
    counts = usual | np.repeat(n_usual == 0, np.diff(first, append=len(bins)))
    n_counts = np.maximum(total(counts), 1)
    last = np.append(first[1:], len(bins)) - 1 if len(first) else first
    start_s, end_s = results.time_s[first], held_until(one, tick_s)[last]
    room = np.maximum(np.round((end_s - start_s) / tick_s), n)
    by_profile = total(profiles)
    has_audio = np.array([profile.has_audio for profile in Profile])
    has_face = np.array([profile.has_face for profile in Profile])
    return Drawn(
        start_s=start_s,
        end_s=end_s,
        probs=total(results.probs * counts[:, None]) / n_counts[:, None],
        told=np.where(n_usual > 0, total(labels * usual[:, None]).argmax(axis=1), -1),
        confidence=total(results.confidence * counts) / n_counts,
        profile=by_profile.argmax(axis=1),
        voice=(by_profile @ has_audio) / room,
        face=(by_profile @ has_face) / room,
        flagged=1 - n_usual / n,
        tick_s=tick_s,
    )


def _one_hot(places: Sequence[int], n: int) -> Floats:
    return np.eye(n)[np.asarray(places, np.int64)]
