"""The comparison of two runs as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hoovik.errors import MediaError
from hoovik.settings import SessionSettings
from replay.comparison.agreement import Agreement, agreement
from replay.comparison.differing import DifferingStretch, differing_stretches
from replay.comparison.pairs import Pairs, pairs_of, together
from replay.comparison.runs import NO_RESULTS, Run
from replay.timeline import Results

NAMED = 5
"""Of so many participants an error tells the names."""


@dataclass(frozen=True, slots=True)
class ComparedParticipant:
    """One participant of a meeting in both runs.

    Attributes:
        meeting: name of the meeting.
        participant: name in it.
        a: all results of run A; none where the run does not have the participant.
        b: the same of run B.
        agreement: of the results that match.
        stretches: where labels differ, by time.
    """

    meeting: str
    participant: str
    a: Results
    b: Results
    agreement: Agreement
    stretches: tuple[DifferingStretch, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side.

    Attributes:
        a: the one run.
        b: the other.
        tick_s: usual distance of matched results.
        overall: of all matched results.
        participants: in the order of run A, then those whom run B alone has.
    """

    a: Run
    b: Run
    tick_s: float
    overall: Agreement
    participants: tuple[ComparedParticipant, ...]

    @property
    def stretches(self) -> list[DifferingStretch]:
        """Of all participants, the longest first."""
        everything = [stretch for one in self.participants for stretch in one.stretches]
        # Sums of ticks differ in their last bits, which must not decide the order.
        return sorted(everything, key=lambda one: (-round(one.duration_s, 3), -one.n))


def compare(a: Run, b: Run) -> Comparison:
    """Match two runs by meeting, participant and time, and see where they agree.

    Raises:
        MediaError: they have no result in common.
    """
    keys = list(dict.fromkeys([*a.results, *b.results]))
    pairs = {
        key: pairs_of(a.results.get(key, NO_RESULTS), b.results.get(key, NO_RESULTS))
        for key in keys
    }
    if not any(len(own) for own in pairs.values()):
        raise MediaError(
            "the runs have no result in common, of the same participant of the same meeting at "
            f"the same time: {_whom(a)}; {_whom(b)}"
        )
    tick_s = _tick_s(list(pairs.values()))
    return Comparison(
        a=a,
        b=b,
        tick_s=tick_s,
        overall=agreement(together(list(pairs.values()))),
        participants=tuple(
            ComparedParticipant(
                meeting=meeting,
                participant=participant,
                a=a.results.get((meeting, participant), NO_RESULTS),
                b=b.results.get((meeting, participant), NO_RESULTS),
                agreement=agreement(own),
                stretches=tuple(differing_stretches(own, tick_s, meeting, participant)),
            )
            for (meeting, participant), own in pairs.items()
        ),
    )


def _tick_s(pairs: Sequence[Pairs]) -> float:
    """Results have gaps between them, but most follow each other."""
    distances = np.concatenate([np.diff(own.time_s) for own in pairs])
    return float(np.median(distances)) if len(distances) else SessionSettings().tick_s


def _whom(run: Run) -> str:
    names = [f"{participant} in {meeting}" for meeting, participant in run.results]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{run.name} has {', '.join(names[:NAMED]) or 'nobody'}{more}"
