"""Reading and playing on a Ray cluster: files are cut into chunks, chunks are played by a pool."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np
import ray
import ray.data
import torch

from hoovik.models.bundle import voices_of
from hoovik.settings import Settings
from replay.chunk import Chunk
from replay.found import Ended, Failed, Found, Played, Task
from replay.packing import packed, unpacked
from replay.playing import play_chunk
from replay.reading import read_chunks
from replay.workers import LocalWorkers

PLAYER_CPUS = 0.75
READER_CPUS = 0.25
"""Shares of a core that place one player and one reader on each: decoding a meeting's video takes
about a third of the time that its faces take."""

GPU_SHARE = 1 / 8
"""Of a GPU that a player has at least. Finding faces keeps a player's core busy longer than its
sound keeps a GPU, so that players share one; each holds a copy of the audio encoder on it."""

BLOCK_BYTES = 8 * 2**20
"""Of chunks that are handed on together; they are encoded media, some megabytes each."""

AHEAD_BYTES = 2**28
"""What readers may be ahead of players, for each core of the cluster, and of four at least."""


def play_all(tasks: Iterable[Task], settings: Settings, chunk_cells: int) -> Iterator[Found]:
    """Results of recordings as they come, chunks of all recordings mixed.

    Args:
        tasks: what to read.
        settings: of rooms, encoders and models.
        chunk_cells: cells of a chunk at most.
    """
    cluster: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    cpus, gpus = cluster.get("CPU", 1.0), cluster.get("GPU", 0.0)
    rows = [{"task": packed(task)[0]} for task in tasks]
    with ray.data.DataContext.current(_context(cpus)):
        found = (
            ray.data.from_items(rows, override_num_blocks=len(rows))
            .map_batches(
                partial(read_chunks, chunk_cells=chunk_cells, fps=settings.session.target_fps),
                batch_size=1,
                num_cpus=READER_CPUS,
            )
            .map_batches(
                Player,
                batch_size=1,
                fn_constructor_args=(settings,),
                # As many as the cluster has room for, and more when it grows.
                compute=ray.data.ActorPoolStrategy(min_size=1),
                num_cpus=PLAYER_CPUS,
                num_gpus=gpu_share(settings, cpus, gpus),
            )
        )
    for batch in found.iter_batches(batch_size=1, prefetch_batches=0):
        for value in batch["found"]:
            yield unpacked(value)


def gpu_share(settings: Settings, cpus: float, gpus: float) -> float:
    """Share of a GPU that each player of a cluster has; 0 where it has none, or none is worth it.

    The embedded encoder and Whisper take a core a few milliseconds for a window: players that waited
    for the nodes with a GPU would leave the other nodes idle. They do where the settings ask for it.
    """
    wanted = settings.device == "cuda" or settings.audio.encoder == "wav2vec2"
    return min(1.0, max(GPU_SHARE, gpus / cpus)) if gpus and wanted else 0.0


def _context(cpus: float) -> ray.data.DataContext:
    """Settings of this data set alone: the caller may have other ones."""
    context = ray.data.DataContext.get_current().copy()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.target_max_block_size = BLOCK_BYTES
    context.execution_options.resource_limits = context.execution_options.resource_limits.copy(
        object_store_memory=max(4, cpus) * AHEAD_BYTES
    )
    return context


class Player:
    """Plays chunks; owns one of each worker.

    Args:
        settings: of rooms, encoders and models; the device is the one that Ray gives.
    """

    def __init__(self, settings: Settings) -> None:
        on_gpu = bool(ray.get_gpu_ids()) and torch.cuda.is_available()
        self._settings = settings.model_copy(update={"device": "cuda" if on_gpu else "cpu"})
        self._workers = LocalWorkers(self._settings)
        self._voices = voices_of(settings)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """What is found in each chunk; an end is handed on."""
        return {"found": np.concatenate([packed(self._found(one)) for one in batch["chunk"]])}

    def _found(self, value: bytes) -> Found:
        chunk: Chunk | Ended = unpacked(value)
        if isinstance(chunk, Ended):
            return chunk
        try:
            results = play_chunk(chunk, self._settings, self._workers, self._voices)
        except Exception as error:  # the other chunks, and other recordings, can be played
            reason = f"{type(error).__name__}: {error}"
            return Failed(chunk.recording, chunk.first_cell, chunk.n_cells, reason)
        return Played(chunk.recording, chunk.first_cell, chunk.n_cells, results)
