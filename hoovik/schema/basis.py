from collections import deque

from hoovik.schema.outbound import Basis

KEPT = 600
"""Times kept of each kind: one minute of 100 ms chunks."""


class NumberedTimes:
    """When messages of one kind went by, numbered from 1; of the last ones only.

    Attributes:
        count: messages so far, and the number of the last.
    """

    def __init__(self) -> None:
        self.count = 0
        self._times: deque[float] = deque(maxlen=KEPT)

    def note(self, time_s: float) -> None:
        """Note the next message."""
        self._times.append(time_s)
        self.count += 1

    def of(self, number: int | None) -> float | None:
        """When message `number` went by; None where that is not known any more, or not yet."""
        if number is None:
            return None
        index = number - 1 - (self.count - len(self._times))
        return self._times[index] if 0 <= index < len(self._times) else None

    def clear(self) -> None:
        """Begin again with 1: another connection."""
        self._times.clear()
        self.count = 0


class BasisClock:
    """When the sounds and images went by that a result rests on, as either end of a socket saw it.

    Attributes:
        sounds, frames: each kind by itself, as `Basis` counts them.
    """

    def __init__(self) -> None:
        self.sounds = NumberedTimes()
        self.frames = NumberedTimes()

    def newest_s(self, basis: Basis) -> float | None:
        """Time of the newest sample that a result rests on."""
        times = (self.sounds.of(basis.audio), self.frames.of(basis.frame))
        return max((time_s for time_s in times if time_s is not None), default=None)

    def clear(self) -> None:
        """Begin again: another connection."""
        self.sounds.clear()
        self.frames.clear()
