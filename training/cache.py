"""Encoded features on disk, so that a second run does not encode again."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

CACHE = Path("out/training-cache")

Arrays = dict[str, NDArray[Any]]


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def cached(name: str, key: dict[str, Any], make: Callable[[], Arrays]) -> Arrays:
    """Arrays from the cache, or made and put there.

    Args:
        name: what they are, for the file's name.
        key: all that they depend on, the encoder's digest among it.
        make: makes them.
    """
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:16]
    path = CACHE / f"{name}-{digest}.npz"
    if path.is_file():
        with np.load(path) as stored:
            return {field: stored[field] for field in stored.files}
    arrays = make()
    CACHE.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: a run that is stopped must not leave half a file to the next.
    partial = path.with_suffix(".partial.npz")
    named: dict[str, Any] = arrays
    np.savez(partial, **named)
    partial.replace(path)
    return arrays
