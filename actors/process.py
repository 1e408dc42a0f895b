import os


def limit_threads(threads: int) -> None:
    """Give this process so many compute threads.

    Several processes share the cores; each with as many threads as there are cores, they would
    fight for them.
    """
    os.environ["OMP_NUM_THREADS"] = str(threads)
    import torch

    torch.set_num_threads(threads)
