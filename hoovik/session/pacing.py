from hoovik.settings import SessionSettings

ADJUST_S = 1.0
"""At most one change a second: a client's new rate needs that long to show in the queue."""


class FramePacer:
    """Frame rate asked of a client: halved while the face pool is deep, then raised step by step.

    Additive increase, multiplicative decrease (Chiu and Jain 1989), as in congestion control.
    """

    def __init__(self, settings: SessionSettings) -> None:
        self._high = settings.queue_depth_high
        self._bounds = (settings.min_fps, settings.target_fps)
        self.fps = settings.target_fps
        self.depth = 0
        self._changed_s = float("-inf")

    def observe(self, depth: int) -> None:
        """Note the pool's depth, as an answer told it; the deepest until `adjust` counts."""
        self.depth = max(self.depth, depth)

    def adjust(self, now: float) -> tuple[int, float] | None:
        """(depth, new rate) if the rate changes now."""
        if now - self._changed_s < ADJUST_S:
            return None
        lowest, target = self._bounds
        depth, self.depth = self.depth, 0
        fps = max(lowest, self.fps / 2) if depth >= self._high else min(target, self.fps + 1)
        if fps == self.fps:
            return None
        self.fps, self._changed_s = fps, now
        return depth, fps
