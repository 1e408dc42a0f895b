"""The grid that a recording is worked off on, so that the length of a chunk changes nothing.

Everything a result rests on, but for the smoothing, lies within the `CELL_S` before it: ten steps,
what is heard for the first, the sightings near them. A face's track is the exception: it is handed on
from frame to frame without end. So it begins anew with the frames of each cell, and models are called with the
batch of one cell. Whatever is computed for a cell is then the same in any chunk that holds the cell
and the one before it.
"""

import math

CELL_S = 5.0

CHUNK_S = 30.0
"""What is played at a time, unless another length is asked for."""

PRE_ROLL_S = 1.0
"""Media before the cell before a chunk: the first steps of that cell reach into them."""


def cell_of(time_s: float) -> int:
    """The cell in which an instant falls; one on an edge ends its cell, and 0 is in the first."""
    return max(0, math.ceil(round(time_s / CELL_S, 9)) - 1)


def cells_for(chunk_s: float) -> int:
    """How many cells a chunk of at least so many seconds has."""
    return max(1, math.ceil(round(chunk_s / CELL_S, 9)))
