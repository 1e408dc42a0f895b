SLACK = 0.1
"""Share of the gap between two frames by which one may come early: cameras keep no exact time."""


class FrameGate:
    """Thins out the frames of a camera to the rate that the service asks for.

    It knows no clock: whoever sends says when.
    """

    def __init__(self) -> None:
        self._due_s = float("-inf")

    def lets_through(self, at_s: float, fps: float) -> bool:
        """Whether a frame of this time is to be sent.

        Args:
            at_s: time of the frame; not before that of the one before.
            fps: frames a second that are asked for now; infinite where nobody asked.
        """
        gap_s = 1 / fps
        if at_s < self._due_s - SLACK * gap_s:
            return False
        # From the time that was due, so that a rate which is no divisor of the camera's is met on
        # average; what a slow camera missed is not made up for.
        on_time = at_s - self._due_s < gap_s
        self._due_s = (self._due_s if on_time else at_s) + gap_s
        return True
