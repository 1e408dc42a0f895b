import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def upload(windows: NDArray[np.float32], device: str) -> Tensor:
    """Windows as a tensor on the device, any shape.

    To a GPU they go through page-locked memory, so that the copy runs beside what is queued there.
    """
    samples = torch.from_numpy(np.ascontiguousarray(windows, np.float32))
    if device == "cpu":
        return samples
    return samples.pin_memory().to(device, non_blocking=True)
