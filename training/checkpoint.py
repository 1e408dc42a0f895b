"""The state of a fitting on disk, so that a stopped run goes on as if nothing had happened."""

import zipfile
from pathlib import Path
from typing import Any

import torch

State = dict[str, Any]


class CheckpointError(ValueError):
    """A checkpoint that is damaged, or belongs to another run."""


def save_checkpoint(path: Path, run: State, state: State) -> None:
    """Write the state of a run, whole or not at all.

    Args:
        path: of the file; what it held before is replaced.
        run: what the run is: all that must be the same when it goes on.
        state: tensors and plain containers, nothing else.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    torch.save({"run": run, "state": state}, partial)
    partial.replace(path)


def load_checkpoint(path: Path, run: State) -> State:
    """The state that `save_checkpoint` wrote; loading it runs no code.

    Raises:
        CheckpointError: the file cannot be read, or its run is another one.
    """
    # Torch's archives are zip files, whose directory stands at their end.
    if not zipfile.is_zipfile(path):
        raise CheckpointError(f"{path} is no checkpoint, or half of one; delete it to start anew")
    stored = torch.load(path, weights_only=True)
    differing = [name for name, value in run.items() if not _same(stored["run"].get(name), value)]
    if differing:
        raise CheckpointError(
            f"{path} is of a run with another {', '.join(differing)}; delete it to start anew, or "
            "go on with what that run had"
        )
    state: State = stored["state"]
    return state


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return torch.equal(one, other)
    return bool(one == other)
