from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoovik.media.meeting import ClientState
from hoovik.media.stream import ClipFrame
from hoovik.schema.emotion import Profile
from hoovik.schema.reason import Reason
from replay.cells import CELL_S


@dataclass(frozen=True, slots=True)
class Change:
    """From a time of the recording on, its participant's client was in a state."""

    time_s: float
    state: ClientState


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some cells of one recording, and what of the cells before them their results rest on.

    Attributes:
        recording: number of the recording in its run.
        first_cell: the first whose results are wanted.
        n_cells: how many.
        offset_s: of the recording on the meeting's clock, which time steps follow.
        sound_start_s: time of the first sample.
        sound: (n,) float32 at 16 kHz.
        frames: encoded pictures, in the order of their times.
        changes: of the client's state over the whole recording, in order.
        ends: whether the recording ends with this chunk: its last cell is then as long as its
            media.
    """

    recording: int
    first_cell: int
    n_cells: int
    offset_s: float
    sound_start_s: float
    sound: NDArray[np.float32]
    frames: tuple[ClipFrame, ...]
    changes: tuple[Change, ...]
    ends: bool

    @property
    def start_s(self) -> float:
        """Where the cells begin whose results are wanted."""
        return self.first_cell * CELL_S

    @property
    def end_s(self) -> float:
        """Where they end."""
        return (self.first_cell + self.n_cells) * CELL_S


@dataclass(frozen=True, slots=True)
class RawResults:
    """What the models say at N time steps, before any smoothing.

    Attributes:
        time_s: (N,) float64, on the recording's clock.
        probs: (N, 6) float32.
        profile: of each.
        anomaly: (N,) bool.
        reasons: of each, in the order of `Reason`.
        anomaly_score: (N,) float32.
        least: (N,) float32, told probability of a class that the conformal set has.
    """

    time_s: NDArray[np.float64]
    probs: NDArray[np.float32]
    profile: tuple[Profile, ...]
    anomaly: NDArray[np.bool_]
    reasons: tuple[tuple[Reason, ...], ...]
    anomaly_score: NDArray[np.float32]
    least: NDArray[np.float32]
