"""The Ray tasks of an extraction."""

import logging
import os
from collections.abc import Iterator
from typing import Any

import cv2
import torch

from training.extraction.encoders import EncoderSource, loaded
from training.extraction.encoding import Extracted, Reading
from training.extraction.parallel import Job, encode_jobs

# Ray reads these as it is imported. Its uv hook would start every worker through uv, in an upload
# of the working directory; workers import the installed package.
os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
os.environ.setdefault("RAY_AUTH_MODE", "disabled")

import ray

IN_FLIGHT_PER_WORKER = 2
"""Chunks, so that no worker waits for its next one and a kill loses little."""

Answer = tuple[Job, list[Extracted] | str]


def answers_of_workers(
    chunks: list[list[Job]], source: EncoderSource, how: Reading, num_workers: int
) -> Iterator[Answer]:
    """Answers to all jobs, as their chunks are done, on the Ray that runs or on one of its own.

    Args:
        chunks: jobs that are sent together.
        source: of the encoders; each worker process loads them once.
        how: rates, repetitions and the seed.
        num_workers: tasks at a time, each on one CPU.
    """
    own = not ray.is_initialized()
    if own:
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.WARNING}
        if "RAY_ADDRESS" in os.environ:
            ray.init(**quiet)
        else:
            ray.init("local", num_cpus=num_workers, include_dashboard=False, **quiet)
    try:
        yield from _drain(chunks, source, how, num_workers)
    finally:
        if own:
            ray.shutdown()


def _drain(
    chunks: list[list[Job]], source: EncoderSource, how: Reading, num_workers: int
) -> Iterator[Answer]:
    task = ray.remote(num_cpus=1)(_encode_chunk)
    waiting = list(reversed(chunks))
    running: dict[Any, list[Job]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < IN_FLIGHT_PER_WORKER * num_workers:
                chunk = waiting.pop()
                running[task.remote(chunk, source, how)] = chunk
            (done,), _ = ray.wait(list(running), num_returns=1)
            yield from zip(running.pop(done), ray.get(done), strict=True)
    finally:
        for unfinished in running:
            ray.cancel(unfinished)


def _encode_chunk(
    jobs: list[Job], source: EncoderSource, how: Reading
) -> list[list[Extracted] | str]:
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    return list(encode_jobs(jobs, loaded(source), how))
