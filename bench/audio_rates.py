"""Windows per second of the audio encoders, beside what the machine's matrix product can do."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.flop_counter import FlopCounterMode

from bench.rounds import available_cores, on_cores, one_core
from hoovik.audio.encoder import AudioEncoder, load_audio_encoder
from hoovik.audio.precision import candidates
from hoovik.settings import AudioEncoderName, AudioSettings

BATCHES = (1, 2, 4, 8, 16)

SQUARE = 2048
"""Rows and columns of the product that the ceiling is measured with; a GPU's are twice as many."""

LEAST_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class AudioRate:
    """What one encoder did with batches of one size.

    Attributes:
        windows_per_s: of 0.6 s each; 1 / 0.6 are one voice's real time.
        gflops: 1e9 floating-point operations a second of its products and convolutions.
        ceiling_gflops: the same of a large square product, measured right before and after.
        share: of the ceiling; all four are medians over the rounds.
    """

    encoder: str
    device: str
    dtype: str
    threads: int
    batch: int
    windows_per_s: float
    gflops: float
    ceiling_gflops: float
    share: float
    rounds: int


def measure_audio_rates(
    bundle: Path | None, windows: NDArray[np.float32], *, wav2vec2: bool = True, seconds: float = 6
) -> list[AudioRate]:
    """Time both audio encoders by batch, number type and device.

    On a CPU with one thread on one core; wav2vec2 in bfloat16, where the processor has it, with all
    of them too. wav2vec2 has random weights.

    Args:
        bundle: folder of the embedded encoder's weights; None: random ones.
        windows: (N, 9600) float32 of speech, at least 16 of them.
        wav2vec2: whether to time it.
        seconds: that each encoder gets for all of its batches; three rounds at least.
    """
    names: list[AudioEncoderName] = ["embedded", "wav2vec2"] if wav2vec2 else ["embedded"]
    rates = []
    for name in names:
        flops = _flops(_load(name, bundle, "cpu", torch.float32), windows)
        for device in ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",):
            for dtype in candidates(device):
                encoder = _load(name, bundle, device, dtype)
                for threads in _thread_counts(name, device, dtype):
                    with _computing_with(threads):
                        rates += _rates(encoder, device, windows, flops, seconds)
                del encoder
                gc.collect()
    return rates


def _load(
    name: AudioEncoderName, bundle: Path | None, device: str, dtype: torch.dtype
) -> AudioEncoder:
    settings = AudioSettings.model_validate({"encoder": name, "precision": _word(dtype)})
    untrained = name == "wav2vec2" or bundle is None
    return load_audio_encoder(settings, bundle, untrained=untrained, device=device)


def _flops(encoder: AudioEncoder, windows: NDArray[np.float32]) -> float:
    """Floating-point operations of one window: twice the multiplications of float32's operators."""
    with FlopCounterMode(display=False) as counter:
        encoder.encode(windows[:1])
    return float(counter.get_total_flops())


def _thread_counts(name: str, device: str, dtype: torch.dtype) -> list[int]:
    cores = len(available_cores())
    many = name == "wav2vec2" and device == "cpu" and dtype == torch.bfloat16 and cores > 1
    return [1, cores] if many else [1]


@contextmanager
def _computing_with(threads: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with on_cores(one_core() if threads == 1 else available_cores()):
            yield
    finally:
        torch.set_num_threads(before)


def _rates(
    encoder: AudioEncoder,
    device: str,
    windows: NDArray[np.float32],
    flops: float,
    seconds: float,
) -> list[AudioRate]:
    product, product_flops = _product(device, encoder.dtype)
    for batch in BATCHES:  # kernels are made in the first call of a shape
        encoder.encode(windows[:batch])
    took: dict[int, list[float]] = {batch: [] for batch in BATCHES}
    ceilings: dict[int, list[float]] = {batch: [] for batch in BATCHES}
    begin, before = time.perf_counter(), _seconds(product)
    while len(took[1]) < LEAST_ROUNDS or time.perf_counter() - begin < seconds:
        for batch in BATCHES:
            took[batch].append(_seconds(partial(encoder.encode, windows[:batch])))
            after = _seconds(product)
            ceilings[batch].append(2 * product_flops / (before + after))
            before = after
    return [
        _rate(encoder, device, batch, flops, np.array(took[batch]), np.array(ceilings[batch]))
        for batch in BATCHES
    ]


def _rate(
    encoder: AudioEncoder,
    device: str,
    batch: int,
    flops: float,
    took_s: NDArray[np.float64],
    ceilings: NDArray[np.float64],
) -> AudioRate:
    speeds = batch * flops / took_s
    return AudioRate(
        encoder=encoder.name,
        device=device,
        dtype=_word(encoder.dtype),
        threads=torch.get_num_threads(),
        batch=batch,
        windows_per_s=float(np.median(batch / took_s)),
        gflops=float(np.median(speeds)) / 1e9,
        ceiling_gflops=float(np.median(ceilings)) / 1e9,
        share=float(np.median(speeds / ceilings)),
        rounds=took_s.size,
    )


def _product(device: str, dtype: torch.dtype) -> tuple[Callable[[], object], float]:
    """A large square product, waited for, and its floating-point operations."""
    size = SQUARE if device == "cpu" else 2 * SQUARE
    left, right = (torch.ones(size, size, device=device, dtype=dtype) for _ in range(2))
    result = torch.empty_like(left)

    def call() -> None:
        torch.mm(left, right, out=result)
        if result.is_cuda:
            torch.cuda.synchronize()

    call()
    return call, 2.0 * size**3


def _seconds(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def _word(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
