from hoovik.settings import SessionSettings

ADJUST_S = 1.0
"""At most one rise a second: a client's new rate needs that long to show in the queue."""

FALL_S = 0.5
"""Falls may follow one another faster: what is too much is too much now."""


class FramePacer:
    """Frame rate asked of a client: halved under pressure, then raised step by step.

    Additive increase, multiplicative decrease (Chiu and Jain 1989), as in congestion control.
    Pressure is a backlog of the face pool, or a client that sends more than it was asked for.
    """

    def __init__(self, settings: SessionSettings) -> None:
        self._high_s = settings.backlog_high_s
        self._bounds = (settings.min_fps, settings.target_fps)
        self.fps = settings.target_fps
        self._depth = 0
        self._pressed = False
        self._changed_s = float("-inf")

    def observe(self, depth: int, work_s: float) -> None:
        """Note the face pool's backlog, as an answer told it.

        Args:
            depth: requests that wait there.
            work_s: what one of them takes.
        """
        self._depth = max(self._depth, depth)
        self._pressed = self._pressed or depth * work_s > self._high_s

    def overrun(self, surplus: int) -> None:
        """Note frames that came faster than the rate that was asked for."""
        self._depth = max(self._depth, surplus)
        self._pressed = self._pressed or surplus > 0

    def adjust(self, now: float) -> tuple[int, float] | None:
        """(depth, new rate) if the rate changes now."""
        if now - self._changed_s < (FALL_S if self._pressed else ADJUST_S):
            return None
        lowest, target = self._bounds
        depth, pressed, self._depth, self._pressed = self._depth, self._pressed, 0, False
        fps = max(lowest, self.fps / 2) if pressed else min(target, self.fps + 1)
        if fps == self.fps:
            return None
        self.fps, self._changed_s = fps, now
        return depth, fps
