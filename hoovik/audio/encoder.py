from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray


class AudioEncoder(Protocol):
    """Turns windows of speech into vectors; holds no state between calls.

    Attributes:
        name: what a bundle's manifest calls this encoder.
        dtype: number type that it computes in; vectors are float32 all the same.
    """

    name: str
    dtype: torch.dtype

    def encode(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Encode (N, 9600) float32 windows at 16 kHz to (N, 1024) float32; N may be 0."""
        ...
