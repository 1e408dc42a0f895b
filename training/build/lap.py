import time


class Laps:
    """Says how long each part of a run took, and how long everything has."""

    def __init__(self) -> None:
        self._start_s = self._last_s = time.perf_counter()

    def lap(self, what: str) -> None:
        """Print what has just ended."""
        now_s = time.perf_counter()
        print(
            f"[{now_s - self._start_s:7.1f} s] {what} in {now_s - self._last_s:.1f} s", flush=True
        )
        self._last_s = now_s
