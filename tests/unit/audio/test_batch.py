import os

import pytest
import torch

from hoovik.audio.batch import CPU_LANES, CPU_WINDOWS, USED_SHARE, batch_limit, lanes, largest_batch
from hoovik.audio.embedded import EmbeddedAudioEncoder

MB = 2**20


@pytest.mark.parametrize(
    ("free_bytes", "bytes_per_window", "expected"),
    [
        (1000 * MB, 10 * MB, int(1000 * USED_SHARE / 10)),
        (19 * MB / USED_SHARE, 10 * MB, 1),
        (20 * MB / USED_SHARE, 10 * MB, 2),
        (80_000 * MB, 10 * MB, 64),
        (5 * MB, 10 * MB, 1),
        (0, 10 * MB, 1),
        (1000 * MB, 0, 64),
    ],
)
def test_a_batch_takes_its_share_of_the_free_memory(
    free_bytes: float, bytes_per_window: float, expected: int
) -> None:
    assert batch_limit(int(free_bytes), bytes_per_window, most=64) == expected


def test_on_a_cpu_the_limit_is_for_latency() -> None:
    assert largest_batch(EmbeddedAudioEncoder.untrained(0), "cpu") == CPU_WINDOWS


def test_a_slow_encoder_on_a_cpu_has_two_batches_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = EmbeddedAudioEncoder.untrained(0)
    assert lanes(encoder, "cpu") == 1
    monkeypatch.setattr(encoder, "name", "wav2vec2")
    assert lanes(encoder, "cpu") == min(CPU_LANES, os.cpu_count() or 1)
    assert lanes(encoder, "cuda") == 1


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_the_limit_is_for_memory() -> None:
    encoder = EmbeddedAudioEncoder.untrained(0, "cuda")
    assert 1 <= largest_batch(encoder, "cuda") <= 128
