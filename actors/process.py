import os


def limit_threads(threads: int) -> None:
    """Give this process so many compute threads.

    Several processes share the cores; each with as many threads as there are cores, they would
    fight for them.
    """
    os.environ["OMP_NUM_THREADS"] = str(threads)
    import cv2
    import torch

    cv2.setNumThreads(threads)
    torch.set_num_threads(threads)
