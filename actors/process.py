import os
import sys

WITHOUT_PANDAS = {"worker_process_setup_hook": "actors.process.leave_out_pandas"}
"""Ray's runtime environment of a service, whose workers do not import pandas."""


def leave_out_pandas() -> None:
    """Let this process find no pandas.

    Ray Serve imports it where it is installed, and with it PyArrow, which is a quarter of a room's
    memory; nothing of the service uses either.
    """
    sys.modules["pandas"] = None  # type: ignore[assignment]  # so Python is told that there is none


def limit_threads(threads: int) -> None:
    """Give this process so many compute threads.

    Several processes share the cores; each with as many threads as there are cores, they would
    fight for them.
    """
    os.environ["OMP_NUM_THREADS"] = str(threads)
    import torch

    torch.set_num_threads(threads)
