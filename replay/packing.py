"""What a Ray Dataset carries between processes: one value of bytes a row.

Arrow would take a chunk's pictures apart into lists to no purpose.
"""

import pickle
from typing import Any

import numpy as np


def packed(value: object) -> np.ndarray:
    """A column of one row."""
    column = np.empty(1, object)
    column[0] = pickle.dumps(value)
    return column


def unpacked(value: bytes) -> Any:
    """What was packed; only of this program's own making."""
    return pickle.loads(value)
