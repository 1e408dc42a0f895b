from collections.abc import Sequence
from statistics import fmean, median

STEP_UP = 0.05
CUT = 0.85
LEAST = 0.05

STRAIN_TICKS = 20
"""Strain follows what happens with this time constant: six seconds."""


class SharedQueueing:
    """How long steps queue, of all rooms together: what a pool tells each of those that ask it.

    A room whose ticks fall just before those of the others finds the pools idle, and one whose
    ticks fall after theirs finds them full. If each went by what it sees itself, the first would
    take all. Everybody who asks in one epoch is told the same: the mean of the epoch before.

    Args:
        epoch_s: a tick, so that each room goes once by what all of them said in the one before.
    """

    def __init__(self, epoch_s: float) -> None:
        self._epoch_s = epoch_s
        self._epoch = -1
        self._sum_s = 0.0
        self._said = 0
        self._told_s = 0.0

    def tell(self, queued_s: float, now: float) -> float:
        """Take in what one room has seen lately, and return what all of them have, in seconds."""
        epoch = int(now / self._epoch_s)
        if epoch != self._epoch:
            known = self._said and epoch == self._epoch + 1
            self._told_s = self._sum_s / self._said if known else queued_s
            self._epoch, self._sum_s, self._said = epoch, 0.0, 0
        self._sum_s += queued_s
        self._said += 1
        return self._told_s


class Congestion:
    """How much of what a room could have under way it may have under way at once.

    Additive increase, multiplicative decrease (Chiu and Jain 1989), by how long answers had to
    queue. It is a share, not a number, so that rooms of every size which use the same
    pools come to the same share, and their participants to the same rate. Steps that may not begin
    wait where they cost nothing, and are cut from newer media when their turn comes.

    Args:
        patience_s: a step may spend this long in queues.

    Attributes:
        share: of the work, 0 to 1.
        queued_s: how long this room's steps queued before the last tick, half of them at most.
        strain: share of the steps that lately never began, 0 to 1.
    """

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._queued_s: list[float] = []
        self._shared_s: float | None = None
        self.share = 1.0
        self.queued_s = 0.0
        self.strain = 0.0

    def limit(self, most: int) -> int:
        """How much of the work that a room could have under way it may have; at least one piece."""
        return max(1, int(self.share * most + 1e-9))

    def observe(self, queued_s: float, shared_s: float | None = None) -> None:
        """Note how long one step spent in queues, and what `SharedQueueing` says of all rooms."""
        self._queued_s.append(queued_s)
        self._shared_s = shared_s

    def adjust(self, kept_waiting: Sequence[bool]) -> None:
        """Follow what was noted since the last tick, and for each participant whether it was shed."""
        if kept_waiting:
            self.strain += (fmean(kept_waiting) - self.strain) / STRAIN_TICKS
        if not self._queued_s:
            return
        # Half of them: one replica that died or one that starts is no congestion.
        self.queued_s = median(self._queued_s)
        seen_s = self.queued_s if self._shared_s is None else self._shared_s
        if seen_s > self._patience_s:
            self.share = max(LEAST, CUT * self.share)
        else:
            self.share = min(1.0, self.share + STEP_UP)
        self._queued_s.clear()
