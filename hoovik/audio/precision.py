import logging
from collections.abc import Callable, Mapping

import torch

from hoovik.audio.packed import can_pack
from hoovik.settings import Precision

NAMED = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}

NEEDED_GAIN = 1.3
"""float32 stays unless another type is this much faster: less may be chance, and buys little."""

ROUNDS = 3

logger = logging.getLogger(__name__)


def choose_precision(
    wanted: Precision,
    device: str,
    work: Callable[[torch.dtype], Callable[[], object]],
    name: str,
) -> torch.dtype:
    """The number type that an encoder computes in.

    Args:
        wanted: a type; or "auto", the fastest as measured here and now.
        device: "cpu" or "cuda".
        work: makes a part of the encoder in a type, to be called over and over.
        name: of the encoder, for the log.
    """
    if wanted != "auto":
        logger.info("%s computes in %s on %s, as the settings say", name, wanted, device)
        return NAMED[wanted]
    seconds = measure({dtype: work(dtype) for dtype in candidates(device)})
    chosen = fastest(seconds)
    logger.info(
        "%s computes in %s on %s; measured, in ms: %s",
        name,
        _name(chosen),
        device,
        ", ".join(f"{_name(dtype)} {1000 * time:.1f}" for dtype, time in seconds.items()),
    )
    return chosen


def candidates(device: str) -> list[torch.dtype]:
    """float32, and the 16-bit type that the device has instructions for."""
    if device == "cpu":
        return [torch.float32, torch.bfloat16] if can_pack() else [torch.float32]
    native = torch.cuda.is_bf16_supported(including_emulation=False)
    return [torch.float32, torch.bfloat16 if native else torch.float16]


def measure(works: Mapping[torch.dtype, Callable[[], object]]) -> dict[torch.dtype, float]:
    """Seconds of one call of each, the least of some: what else runs can only make it longer."""
    # It takes a third of a second to import, which only a measurement is worth.
    from torch.utils.benchmark import Timer

    threads = torch.get_num_threads()
    timers = {
        dtype: Timer("work()", globals={"work": work}, num_threads=threads)
        for dtype, work in works.items()
    }
    with torch.inference_mode():
        rounds = [
            {dtype: timer.timeit(2).median for dtype, timer in timers.items()}
            for _ in range(ROUNDS)
        ]
    return {dtype: min(one[dtype] for one in rounds) for dtype in works}


def fastest(seconds: Mapping[torch.dtype, float]) -> torch.dtype:
    """The type of the least time; float32 unless that is `NEEDED_GAIN` times faster."""
    quickest = min(seconds, key=lambda dtype: seconds[dtype])
    gained = seconds[torch.float32] >= NEEDED_GAIN * seconds[quickest]
    return quickest if gained else torch.float32


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
