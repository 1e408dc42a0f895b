from actors.clocks import DRIFT

LEAD_S = 0.008
"""A delivery is on its way for a few milliseconds."""


class Beat:
    """When a room looks at its media, as its answers tell: what comes just before need not wait.

    A host's beat may shift by as much as two clocks part (`DRIFT`). Each answer says how long it is until then, somewhere between the call and its return. The
    answer that came back fastest is the surest, until it is old.

    Args:
        period_s: from one beat to the next.
    """

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._next_s = 0.0
        self._told_s = float("-inf")
        self._unsure_s = float("inf")

    def told(self, asked_s: float, answered_s: float, in_s: float) -> None:
        """Learn from one answer: asked and answered when, by this clock, and the beat's distance."""
        unsure_s = answered_s - asked_s
        if unsure_s <= self._unsure_s + DRIFT * (answered_s - self._told_s):
            self._next_s = (asked_s + answered_s) / 2 + in_s
            self._told_s, self._unsure_s = answered_s, unsure_s

    def wait_s(self, now: float) -> float:
        """From `now` to just before the next beat, in seconds; a period where none is known."""
        if self._unsure_s == float("inf"):
            return self._period_s
        left_s = (self._next_s - LEAD_S - now) % self._period_s
        # Just after a delivery the next beat is that of the one after.
        return left_s if left_s > LEAD_S / 2 else left_s + self._period_s
