"""Which parts of which recordings are done."""

from collections import defaultdict
from collections.abc import Sequence

from replay.cells import CELL_S, cell_of
from replay.found import Ended, Failed, Found, Played, Task
from replay.recording import Recording
from replay.store import Store


class Ledger:
    """Keeps results as they come, in any order, and knows what is missing.

    What was read without fault is kept for a run that goes on. A fault is not: the next run tries
    again, for a file may come back.

    Args:
        store: of the results.
        recordings: those that are not finished, of any numbers.
    """

    def __init__(self, store: Store, recordings: Sequence[Recording]) -> None:
        self._store = store
        self._recordings = {one.number: one for one in recordings}
        self._cells = {one.number: set(store.done(one)) for one in recordings}
        self._failures: defaultdict[int, list[str]] = defaultdict(list)
        self._ends = {
            one.number: end for one in recordings if (end := store.ended(one)) is not None
        }

    def tasks(self) -> list[Task]:
        """What has to be read."""
        return [
            Task(one, frozenset(self._cells[one.number]))
            for one in self._recordings.values()
            if not self.is_whole(one)
        ]

    def note(self, found: Found) -> Recording:
        """Take in what was found; returns the recording."""
        recording = self._recordings[found.recording]
        if isinstance(found, Ended):
            self._ends[found.recording] = found
        else:
            if isinstance(found, Played):
                self._store.keep(recording, found)
            else:
                self._failures[found.recording].append(_said(found))
            self._cells[found.recording] |= set(
                range(found.first_cell, found.first_cell + found.n_cells)
            )
        if self.is_whole(recording) and not self.fault_of(recording):
            # Not before: an end may overtake the last chunks, and a run may be stopped between.
            self._store.keep(recording, self._ends[found.recording])
        return recording

    def is_whole(self, recording: Recording) -> bool:
        """Whether the recording's end was reached, and every cell before it was tried."""
        end = self._ends.get(recording.number)
        if end is None:
            return False
        cells = range(cell_of(end.duration_s) + 1) if end.duration_s > 0 else range(0)
        return self._cells[recording.number].issuperset(cells)

    def duration_of(self, recording: Recording) -> float:
        """Length of a whole recording, as far as it could be read."""
        return self._ends[recording.number].duration_s

    def fault_of(self, recording: Recording) -> str:
        """What went wrong with a whole recording; empty if nothing."""
        reasons = [*self._failures[recording.number], self._ends[recording.number].fault]
        return "; ".join(reason for reason in reasons if reason)


def _said(failed: Failed) -> str:
    start_s, end_s = failed.first_cell * CELL_S, (failed.first_cell + failed.n_cells) * CELL_S
    return f"{start_s:g} to {end_s:g} s cannot be played: {failed.reason}"
