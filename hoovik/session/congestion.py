from collections.abc import Sequence
from statistics import fmean, median

STEP_UP = 0.05
CUT = 0.85
LEAST = 0.05

STRAIN_TICKS = 20
"""Strain follows what happens with this time constant: six seconds."""


class SharedQueueing:
    """How much steps queue, of all rooms together: what a pool tells each of those that ask it.

    A room whose ticks fall just before those of the others finds the pools idle, and one whose
    ticks fall after theirs finds them full. If each went by what it sees itself, the first would
    take all. Everybody who asks in one epoch is told the same: the mean of the epoch before.

    Args:
        epoch_s: a tick, so that each room goes once by what all of them said in the one before.
    """

    def __init__(self, epoch_s: float) -> None:
        self._epoch_s = epoch_s
        self._epoch = -1
        self._sum = 0.0
        self._said = 0
        self._told = 0.0

    def tell(self, queueing: float, now: float) -> float:
        """Take in the `Congestion.queueing` of one room, and return that of all of them."""
        epoch = int(now / self._epoch_s)
        if epoch != self._epoch:
            known = self._said and epoch == self._epoch + 1
            self._told = self._sum / self._said if known else queueing
            self._epoch, self._sum, self._said = epoch, 0.0, 0
        self._sum += queueing
        self._said += 1
        return self._told


class Congestion:
    """How much of what a room could have under way it may have under way at once.

    Additive increase, multiplicative decrease (Chiu and Jain 1989), by how long answers had to
    queue. It is a share, not a number, so that rooms of every size which use the same
    pools come to the same share, and their participants to the same rate. Steps that may not begin
    wait where they cost nothing, and are cut from newer media when their turn comes.

    Args:
        patience_s: a step may spend this long in queues, or as long as it is computed if that is
            longer: where a batch takes long, the next has to wait for it while it is gathered.

    Attributes:
        share: of the work, 0 to 1.
        queueing: how long this room's steps queued before the last tick, half of them at most;
            1 is as long as they may.
        strain: share of the steps that lately never began, 0 to 1.
    """

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._seen: list[float] = []
        self._shared: float | None = None
        self.share = 1.0
        self.queueing = 0.0
        self.strain = 0.0

    def limit(self, most: int) -> int:
        """How much of the work that a room could have under way it may have; at least one piece."""
        return max(1, int(self.share * most + 1e-9))

    def observe(self, queued_s: float, worked_s: float, shared: float | None = None) -> None:
        """Note how long one step queued and was computed, and what `SharedQueueing` says of all."""
        self._seen.append(queued_s / max(self._patience_s, worked_s))
        self._shared = shared

    def adjust(self, kept_waiting: Sequence[bool]) -> None:
        """Follow what was noted since the last tick, and for each participant whether it was shed."""
        if kept_waiting:
            self.strain += (fmean(kept_waiting) - self.strain) / STRAIN_TICKS
        if not self._seen:
            return
        # Half of them: one replica that died or one that starts is no congestion.
        self.queueing = median(self._seen)
        if (self.queueing if self._shared is None else self._shared) > 1:
            self.share = max(LEAST, CUT * self.share)
        else:
            self.share = min(1.0, self.share + STEP_UP)
        self._seen.clear()
