import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import TypeVar

Step = TypeVar("Step")

SLACK = 0.1
"""Share of the gap between two frames by which one may come early: cameras keep no exact time."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """Pauses between attempts: doubled from the first to the longest, and cut short by chance.

    By up to half, so that those who were refused together do not come back together.
    """

    first_s: float
    longest_s: float

    def after(self, failures: int) -> float:
        """Seconds to wait after so many failures, 1 or more."""
        longest_s = min(self.longest_s, self.first_s * 2.0 ** min(failures - 1, 16))
        return longest_s * random.uniform(0.5, 1)


SOON = Pauses(0.4, 8.0)
LATER = Pauses(2.0, 30.0)


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


async def in_real_time(
    steps: Iterable[tuple[float, Step]], started_s: float
) -> AsyncIterator[tuple[float, Step]]:
    """Each step once it is due: by the clock, so that what a step takes does not add up.

    Args:
        steps: (time in seconds, step), ascending.
        started_s: when time 0 was, on this machine's monotonic clock.
    """
    for at_s, step in steps:
        await asyncio.sleep(max(0.0, started_s + at_s - time.monotonic()))
        yield at_s, step
