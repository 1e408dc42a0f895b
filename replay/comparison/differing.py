"""Where two runs tell different labels."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hoovik.schema.emotion import EMOTIONS
from replay.comparison.pairs import Pairs

BRIDGED_TICKS = 2
"""So many ticks without a result, or with equal labels, do not end a stretch."""


@dataclass(frozen=True, slots=True)
class DifferingStretch:
    """A run of results to which both runs give the same two different labels.

    Attributes:
        meeting: where it is.
        participant: whose results they are.
        from_s: time of the first of them, on the meeting's clock.
        to_s: until when the last of them holds: the next matched result, or a tick.
        label_a: what run A told.
        label_b: what run B told.
        n: differing results in it; those that it bridges do not count.
        flagged: how many of them either run flags.
    """

    meeting: str
    participant: str
    from_s: float
    to_s: float
    label_a: str
    label_b: str
    n: int
    flagged: int

    @property
    def duration_s(self) -> float:
        """Its length."""
        return self.to_s - self.from_s


def differing_stretches(
    pairs: Pairs, tick_s: float, meeting: str, participant: str
) -> list[DifferingStretch]:
    """All stretches of one participant, by time.

    Args:
        pairs: of the participant.
        tick_s: usual distance of matched results.
        meeting: name of the meeting.
        participant: name of the participant.
    """
    places = np.flatnonzero(~pairs.equal)
    if not len(places):
        return []
    until = _until(pairs.time_s, tick_s)[places]
    times, of_a, of_b = pairs.time_s[places], pairs.label_a[places], pairs.label_b[places]
    flagged = (pairs.flagged_a | pairs.flagged_b)[places]
    # Half a tick more, as times are rounded.
    far = np.diff(times) > (BRIDGED_TICKS + 1.5) * tick_s
    new = (np.diff(of_a) != 0) | (np.diff(of_b) != 0) | far
    bounds = [0, *(np.flatnonzero(new) + 1).tolist(), len(places)]
    return [
        DifferingStretch(
            meeting=meeting,
            participant=participant,
            from_s=float(times[first]),
            to_s=float(until[end - 1]),
            label_a=EMOTIONS[of_a[first]],
            label_b=EMOTIONS[of_b[first]],
            n=end - first,
            flagged=int(flagged[first:end].sum()),
        )
        for first, end in pairwise(bounds)
    ]


def _until(time_s: NDArray[np.float64], tick_s: float) -> NDArray[np.float64]:
    """(N,) when each result ends to hold."""
    until: NDArray[np.float64] = np.minimum(time_s + tick_s, np.append(time_s[1:], np.inf))
    return until
