"""Results of two runs at the same times of the same participant."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoovik.schema.emotion import EMOTIONS
from replay.comparison.runs import milliseconds
from replay.timeline import Results


@dataclass(frozen=True, slots=True)
class Pairs:
    """N pairs, in the order of their times within each participant.

    Attributes:
        time_s: (N,) on the meeting's clock.
        label_a: (N,) index in `EMOTIONS` of what run A told.
        label_b: (N,) the same of run B.
        difference: (N,) largest absolute difference of the six probabilities, 0..1.
        same_profile: (N,) bool, whether both rest on the same modalities.
        flagged_a: (N,) bool, whether a client would suppress it in run A.
        flagged_b: (N,) the same of run B.
        only_a: results of run A that have no match.
        only_b: the same of run B.
    """

    time_s: NDArray[np.float64]
    label_a: NDArray[np.int64]
    label_b: NDArray[np.int64]
    difference: NDArray[np.float64]
    same_profile: NDArray[np.bool_]
    flagged_a: NDArray[np.bool_]
    flagged_b: NDArray[np.bool_]
    only_a: int
    only_b: int

    def __len__(self) -> int:
        return len(self.time_s)

    @property
    def equal(self) -> NDArray[np.bool_]:
        """(N,) whether both runs told the same label."""
        return np.equal(self.label_a, self.label_b)


def pairs_of(a: Results, b: Results) -> Pairs:
    """Match the results of one participant by their times, to the millisecond."""
    _, in_a, in_b = np.intersect1d(
        milliseconds(a.time_s), milliseconds(b.time_s), assume_unique=True, return_indices=True
    )
    apart = np.abs(a.probs[in_a].astype(np.float64) - b.probs[in_b].astype(np.float64))
    profile_a, profile_b = np.asarray(a.profile, "U"), np.asarray(b.profile, "U")
    return Pairs(
        time_s=a.time_s[in_a],
        label_a=_labels(a)[in_a],
        label_b=_labels(b)[in_b],
        difference=apart.max(axis=1, initial=0),
        same_profile=profile_a[in_a] == profile_b[in_b],
        flagged_a=a.anomaly[in_a],
        flagged_b=b.anomaly[in_b],
        only_a=len(a) - len(in_a),
        only_b=len(b) - len(in_b),
    )


def together(parts: Sequence[Pairs]) -> Pairs:
    """The pairs of several participants, one after the other; at least one part."""
    return Pairs(
        time_s=np.concatenate([one.time_s for one in parts]),
        label_a=np.concatenate([one.label_a for one in parts]),
        label_b=np.concatenate([one.label_b for one in parts]),
        difference=np.concatenate([one.difference for one in parts]),
        same_profile=np.concatenate([one.same_profile for one in parts]),
        flagged_a=np.concatenate([one.flagged_a for one in parts]),
        flagged_b=np.concatenate([one.flagged_b for one in parts]),
        only_a=sum(one.only_a for one in parts),
        only_b=sum(one.only_b for one in parts),
    )


def _labels(results: Results) -> NDArray[np.int64]:
    return np.asarray([EMOTIONS.index(emotion) for emotion in results.emotion], np.int64)
