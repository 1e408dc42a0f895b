import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# The hub's client reads this once, when it is imported. No test may wait for a network.
os.environ.setdefault("HF_HUB_OFFLINE", "1")

settings.register_profile("local", deadline=None, max_examples=60)
settings.register_profile("ci", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data() -> Path:
    """Public recordings and images beside the repository; tests that need them skip without."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the public recordings and images are not at {folder}")
    return folder


@pytest.fixture(scope="session")
def meeting_folder() -> Path:
    """The sample meeting of the repository."""
    return REPOSITORY / "samples" / "meeting"


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """As in a worker: more threads only wait for each other over networks this small."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
