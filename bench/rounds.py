"""Several things timed in turn, so that what slows the machine for a while slows all of them."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

ROUNDS = 10
"""At most so many turns of each: a turn long enough that caches hold what is timed."""


@dataclass(frozen=True)
class Timed:
    """One thing to time.

    Attributes:
        call: does repetition i, from 0 on.
        batch: how many frames or windows one call takes.
        share: of the repetitions that the others get; less than 1 for what is slow.
        all_cores: whether it may use every core, or one like the others.
    """

    call: Callable[[int], object]
    batch: int = 1
    share: float = 1.0
    all_cores: bool = False


def time_in_turns(subjects: dict[str, Timed], repetitions: int) -> dict[str, NDArray[np.float64]]:
    """Time each subject in rounds A B C, A B C, on one core or on all, as each one says.

    A whole round comes first to warm up, and so does a call in each turn, because the subject
    before has left its own data in the caches.

    Args:
        subjects: by name.
        repetitions: timed calls of each, before its share; rounded up to whole rounds.

    Returns:
        By name, (n,) float64: milliseconds of each timed call, in order.

    Raises:
        ValueError: less than one repetition.
    """
    if repetitions < 1:
        raise ValueError(f"at least 1 repetition is needed, got {repetitions}")
    rounds = min(ROUNDS, repetitions)
    times_ms: dict[str, list[float]] = {name: [] for name in subjects}
    one, every = one_core(), available_cores()
    for number in range(1 + rounds):
        for name, subject in subjects.items():
            calls = ceil(repetitions * subject.share / rounds)
            with on_cores(every if subject.all_cores else one):
                turn_ms = [_call_ms(subject, number * calls + i) for i in range(-1, calls)][1:]
            times_ms[name] += turn_ms if number else []
    return {name: np.array(values) for name, values in times_ms.items()}


def _call_ms(subject: Timed, repetition: int) -> float:
    start_s = time.perf_counter()
    subject.call(repetition)
    return 1000 * (time.perf_counter() - start_s)


def can_pin() -> bool:
    """Whether this system lets a thread be kept on a core."""
    return hasattr(os, "sched_setaffinity")


def available_cores() -> frozenset[int]:
    """Cores that this thread may use."""
    if can_pin():
        return frozenset(os.sched_getaffinity(0))
    return frozenset(range(os.cpu_count() or 1))


def one_core() -> frozenset[int]:
    """The core for everything that is timed on one."""
    return frozenset([min(available_cores())])


@contextmanager
def on_cores(cores: frozenset[int]) -> Iterator[None]:
    """Keep this thread, and every thread that it starts meanwhile, on these cores.

    The threads that a library starts stay there for good. Where the system cannot, nothing happens.
    """
    if not can_pin():
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def one_compute_thread() -> Iterator[None]:
    """Let torch and OpenCV compute with one thread each."""
    import cv2
    import torch

    before = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        cv2.setNumThreads(before[1])
