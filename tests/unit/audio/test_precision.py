"""Which number type an encoder computes in: the rule by itself, and the choice made here."""

import logging
from collections.abc import Callable

import pytest
import torch

from hoovik.audio.packed import can_pack
from hoovik.audio.precision import NEEDED_GAIN, candidates, choose_precision, fastest, measure


def product(size: int) -> Callable[[], torch.Tensor]:
    matrix = torch.ones(size, size)
    return lambda: matrix @ matrix


@pytest.mark.parametrize(
    ("bfloat16_s", "expected"),
    [
        (0.1, torch.bfloat16),
        (0.99 / NEEDED_GAIN, torch.bfloat16),
        (1.01 / NEEDED_GAIN, torch.float32),
        (1.0, torch.float32),
        (40.0, torch.float32),
    ],
)
def test_float32_stays_unless_another_type_gains_enough(
    bfloat16_s: float, expected: torch.dtype
) -> None:
    assert fastest({torch.float32: 1.0, torch.bfloat16: bfloat16_s}) == expected


def test_alone_float32_is_chosen() -> None:
    assert fastest({torch.float32: 1.0}) == torch.float32


def test_a_processor_without_bfloat16_is_not_made_to_try_it() -> None:
    assert candidates("cpu") == [torch.float32, torch.bfloat16][: 1 + can_pack()]


def test_what_takes_a_thousand_times_the_work_takes_longer() -> None:
    seconds = measure({torch.float32: product(512), torch.bfloat16: product(16)})
    assert seconds[torch.float32] > seconds[torch.bfloat16] > 0


def test_measuring_leaves_the_number_of_threads_alone() -> None:
    before = torch.get_num_threads()
    measure({torch.float32: product(16)})
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("wanted", ["float32", "bfloat16", "float16"])
def test_a_wanted_type_is_taken_unmeasured_and_logged(
    wanted: str, caplog: pytest.LogCaptureFixture
) -> None:
    def never(dtype: torch.dtype) -> Callable[[], object]:
        raise AssertionError(f"{dtype} was tried")

    with caplog.at_level(logging.INFO):
        chosen = choose_precision(wanted, "cpu", never, "wav2vec2")
    assert chosen == getattr(torch, wanted)
    assert f"wav2vec2 computes in {wanted} on cpu" in caplog.text


def test_auto_takes_the_faster_and_says_what_it_measured(caplog: pytest.LogCaptureFixture) -> None:
    tried = []

    def work(dtype: torch.dtype) -> Callable[[], object]:
        tried.append(dtype)
        return product(512 if dtype == torch.float32 else 16)

    with caplog.at_level(logging.INFO):
        chosen = choose_precision("auto", "cpu", work, "wav2vec2")
    assert tried == candidates("cpu")
    assert chosen == tried[-1]
    assert f"computes in {str(chosen).removeprefix('torch.')} on cpu; measured" in caplog.text
