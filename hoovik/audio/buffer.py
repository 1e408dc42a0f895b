import numpy as np
from numpy.typing import NDArray


class SampleRing:
    """The newest samples of one stream, in memory of fixed size."""

    def __init__(self, capacity_samples: int) -> None:
        self._samples = np.zeros(capacity_samples, np.float32)
        self._end = 0
        self._held = 0

    @property
    def held(self) -> int:
        """Samples that there are."""
        return self._held

    def append(self, samples: NDArray[np.float32]) -> None:
        """Add (n,) float32 samples; the oldest give way."""
        capacity = self._samples.size
        newest = samples[-capacity:]
        split = min(newest.size, capacity - self._end)
        self._samples[self._end : self._end + split] = newest[:split]
        self._samples[: newest.size - split] = newest[split:]
        self._end = (self._end + newest.size) % capacity
        self._held = min(self._held + newest.size, capacity)

    def latest(self, n: int) -> NDArray[np.float32] | None:
        """Copy of the newest n samples, (n,) float32 in order of time; None when fewer are held."""
        if n > self._held:
            return None
        start = self._end - n
        if start >= 0:
            return self._samples[start : self._end].copy()
        return np.concatenate((self._samples[start:], self._samples[: self._end]))

    def clear(self) -> None:
        """Forget what is held."""
        self._held = 0
