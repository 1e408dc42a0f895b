from typing import Self

import numpy as np
import soxr
from numpy.typing import NDArray

from hoovik.layout import SAMPLE_RATE


class StreamResampler:
    """Brings one continuous stream to 16 kHz; its memory spans the seams between chunks.

    The filter is soxr's HQ, band-limited and linear in phase. What has gone in and not yet come
    out stays under 40 ms at 22,050, 44,100 and 48,000 Hz and under 0.2 s at 8,000 Hz, where soxr
    works in larger blocks. At 16 kHz samples pass through undelayed. A pickled one begins anew.
    """

    def __init__(self, source_hz: int) -> None:
        self._source_hz = source_hz
        self._stream = (
            None
            if source_hz == SAMPLE_RATE
            else soxr.ResampleStream(source_hz, SAMPLE_RATE, 1, dtype="float32", quality="HQ")
        )

    def __reduce__(self) -> tuple[type[Self], tuple[int]]:
        return type(self), (self._source_hz,)

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Feed (n,) float32 samples at the source rate; returns (m,) float32 at 16 kHz.

        m may be 0 while the filter fills.
        """
        if self._stream is None:
            return samples
        resampled: NDArray[np.float32] = self._stream.resample_chunk(samples)
        return resampled
