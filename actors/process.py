import os
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

WITHOUT_PANDAS = {"worker_process_setup_hook": "actors.process.leave_out_pandas"}
"""Ray's runtime environment of a service, whose workers do not import pandas."""


class _Refused(Loader):
    def exec_module(self, module: ModuleType) -> None:
        raise ImportError(f"{module.__name__} is left out of this process")


class _WithoutPandas(MetaPathFinder):
    def find_spec(self, name: str, _path: object, _target: object = None) -> ModuleSpec | None:
        return ModuleSpec(name, _Refused()) if name == "pandas" else None


def leave_out_pandas() -> None:
    """Let nothing in this process import pandas.

    Ray Serve does where it is installed, and PyArrow with it, which is much of a small process's memory;
    nothing of the service uses either. (None in `sys.modules` would do the same in fewer words, but
    scikit-learn takes whatever stands there for pandas.)
    """
    sys.meta_path.insert(0, _WithoutPandas())


def limit_threads(threads: int) -> None:
    """Give this process so many compute threads.

    Several processes share the cores; each with as many threads as there are cores, they would
    fight for them. Torch is told where it is imported already, and reads the environment where it is
    imported later: not every process needs it.
    """
    from threadpoolctl import threadpool_limits

    os.environ["OMP_NUM_THREADS"] = str(threads)
    threadpool_limits(threads, user_api="blas")
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(threads)
