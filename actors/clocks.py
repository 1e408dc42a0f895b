DRIFT = 0.001
"""Two clocks may part by so many seconds a second."""


class LeastOffset:
    """From another process's monotonic clock to this one, as its messages tell.

    A message that was under way for a while makes the offset look larger, never smaller: the least
    one seen is the surest, until it is old. Going by each message's own, media of a slow one would
    seem younger than those that follow it.
    """

    def __init__(self) -> None:
        self._least_s = float("inf")
        self._told_s = 0.0

    def told(self, sent_s: float, now: float) -> float:
        """The offset, after a message that was sent at `sent_s` by its clock came `now` by this."""
        grown_s = self._least_s + DRIFT * (now - self._told_s)
        self._least_s, self._told_s = min(now - sent_s, grown_s), now
        return self._least_s
