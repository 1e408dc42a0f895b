"""The grid that a recording is worked off on, so that the length of a chunk changes nothing.

Everything a result rests on, but for the smoothing, lies within the `CELL_S` before it: ten steps,
what is heard for the first, the sightings near them. Two things are the exception. A face's track is
handed on from frame to frame without end; so it begins anew with the frames of each cell. A voice's
baseline is learned without end; so that of a cell is learned from the cell before and from this one.
And models are called with the batch of one cell. Whatever is computed for a cell is then the same in
any chunk that holds the cell and the two before it.
"""

import math

CELL_S = 5.0

LEAD_S = 2 * CELL_S
"""What is played before a chunk: the steps of its first results, and what their baseline rests on."""

CHUNK_S = 30.0
"""What is played at a time, unless another length is asked for."""

PRE_ROLL_S = 2.5
"""Media before the lead: what is heard for its first steps reaches into them."""


def cell_of(time_s: float) -> int:
    """The cell in which an instant falls; one on an edge ends its cell, and 0 is in the first."""
    return max(0, math.ceil(round(time_s / CELL_S, 9)) - 1)


def cells_for(chunk_s: float) -> int:
    """How many cells a chunk of at least so many seconds has."""
    return max(1, math.ceil(round(chunk_s / CELL_S, 9)))
