import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, isfinite

from hoovik.errors import MediaError
from hoovik.media.stream import probe
from replay.cells import CELL_S
from replay.found import Ended, Found, Task
from replay.places import at_once, open_media


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes:
        media_s: seconds of media played.
        media_left_s: seconds left, as far as the files say how long they are.
        elapsed_s: since the playing began.
        recordings: that there are to play.
        ended: of them, to their end.
    """

    media_s: float
    media_left_s: float
    elapsed_s: float
    recordings: int
    ended: int

    @property
    def speed(self) -> float:
        """Seconds of media in a second."""
        return self.media_s / self.elapsed_s if self.elapsed_s > 0 else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds until the end at this speed; None before it is known."""
        return self.media_left_s / self.speed if self.speed > 0 else None


Watch = Callable[[Progress], None]


def unwatched(_progress: Progress) -> None:
    """Tell nobody."""


class Meter:
    """Counts what is played, and tells.

    Args:
        tasks: what there is to play.
        watch: told at the beginning and after every chunk.
    """

    def __init__(self, tasks: Sequence[Task], watch: Watch) -> None:
        lengths_s = at_once(_length_s, tasks)
        self._left_s = {
            task.recording.number: max(0.0, length_s - len(task.done) * CELL_S)
            for task, length_s in zip(tasks, lengths_s, strict=True)
        }
        # Kept, not summed anew: there may be a million chunks of ten thousand recordings.
        self._known_left_s = sum(filter(isfinite, self._left_s.values()))
        self._watch = watch
        self._begun_s = time.monotonic()
        self._media_s = 0.0
        self._ended = 0
        if tasks:
            self._report()

    def tell(self, found: Found) -> None:
        """Count a chunk, or the end of a recording."""
        if isinstance(found, Ended):
            self._ended += 1
            self._pass(found.recording, self._left_s[found.recording])
        else:
            # The last cell is as long as what is left; who says no length has infinitely much.
            played_s = min(found.n_cells * CELL_S, self._left_s[found.recording])
            self._media_s += played_s
            self._pass(found.recording, played_s)
        self._report()

    def _pass(self, recording: int, seconds: float) -> None:
        if isfinite(self._left_s[recording]):
            self._left_s[recording] -= seconds
            self._known_left_s -= seconds

    def _report(self) -> None:
        elapsed_s = time.monotonic() - self._begun_s
        left_s = max(0.0, self._known_left_s)
        self._watch(Progress(self._media_s, left_s, elapsed_s, len(self._left_s), self._ended))


def _length_s(task: Task) -> float:
    try:
        with open_media(task.recording.media) as source:
            return probe(source).duration_s or inf
    except (MediaError, OSError):
        return inf
