import os
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hoovik.audio.encoder import AudioEncoder

CPU_WINDOWS = 4
"""Beyond four a window gets hardly cheaper, and the first one waits for the last."""

CPU_LANES = 2
"""Batches of wav2vec2 that a CPU with two cores computes at the same time: with one, the windows that
gather behind it wait for longer than a tick, and the other core has nothing to do meanwhile."""

CUDA_WINDOWS = 128
"""As many as a batch may hold however much memory there is."""

PROBED_WINDOWS = 8

USED_SHARE = 0.5
"""Of the free memory: other processes of the node may want some of it later."""


def batch_limit(free_bytes: int, bytes_per_window: float, most: int = CUDA_WINDOWS) -> int:
    """Windows that fit into the free memory at once, at least 1 and at most `most`.

    Args:
        free_bytes: of the device's memory.
        bytes_per_window: that a window of a batch takes beside the weights.
        most: upper bound.
    """
    fitting = int(USED_SHARE * free_bytes / max(bytes_per_window, 1.0))
    return max(1, min(most, fitting))


def lanes(encoder: "AudioEncoder", device: str) -> int:
    """Batches to give the encoder at the same time, from threads of their own."""
    slow = encoder.name == "wav2vec2"
    return min(CPU_LANES, os.cpu_count() or 1) if slow and device == "cpu" else 1


def largest_batch(encoder: "AudioEncoder", device: str) -> int:
    """Windows to give the encoder at once: on a GPU as many as its memory holds, by a trial."""
    if device == "cpu":
        return CPU_WINDOWS
    import torch

    trial = np.zeros((PROBED_WINDOWS, encoder.context_samples), np.float32)
    encoder.encode(trial)  # what the libraries allocate once is no window's
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    encoder.encode(trial)
    taken = torch.cuda.max_memory_allocated() - before
    # Blocks that torch holds without using them are free for the next batch.
    held = torch.cuda.memory_reserved() - torch.cuda.memory_allocated()
    free, _ = torch.cuda.mem_get_info()
    return batch_limit(free + held, taken / PROBED_WINDOWS)
