from dataclasses import dataclass

from replay.chunk import RawResults
from replay.recording import Recording


@dataclass(frozen=True, slots=True)
class Task:
    """A recording that is to be read, but for the cells that are done."""

    recording: Recording
    done: frozenset[int]


@dataclass(frozen=True, slots=True)
class Played:
    """The results of some cells of a recording."""

    recording: int
    first_cell: int
    n_cells: int
    results: RawResults


@dataclass(frozen=True, slots=True)
class Failed:
    """Some cells of a recording at which the player stumbled, and over what."""

    recording: int
    first_cell: int
    n_cells: int
    reason: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a recording: how long it was, and why it was not read further, if it was not."""

    recording: int
    duration_s: float
    fault: str = ""


Found = Played | Failed | Ended
