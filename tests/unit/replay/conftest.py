from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[str]:
    """Address of a folder of its own in memory."""
    files = fsspec.filesystem("memory")
    folder = f"/{tmp_path.name}"
    files.mkdir(folder)
    yield f"memory:/{folder}"
    files.rm(folder, recursive=True)
