"""Recorded meetings through the room and the workers of the live service, on Ray Data.

`replay.run` is the whole of it for Python.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from replay.execution import run

__all__ = ["run"]


def __getattr__(name: str) -> Any:
    # On demand: processes that only read recordings do without models.
    if name == "run":
        from replay.execution import run

        return run
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
