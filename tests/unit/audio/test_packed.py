import pytest
import torch

from hoovik.audio.packed import PackedLinear, can_pack


@pytest.mark.parametrize("rows", [(5,), (3, 29)])
@pytest.mark.parametrize(
    ("dtype", "error"), [(torch.float32, 1e-5), (torch.float16, 1e-2), (torch.bfloat16, 5e-2)]
)
def test_it_is_a_linear_layer_in_every_type(
    dtype: torch.dtype, error: float, rows: tuple[int, ...]
) -> None:
    torch.manual_seed(0)
    inputs, layer = torch.randn(*rows, 64), torch.nn.Linear(64, 48)
    outputs = PackedLinear(layer.weight, layer.bias, dtype)(inputs.to(dtype))
    assert outputs.dtype == dtype
    assert (outputs.float() - layer(inputs)).abs().max() < error


def test_overlapping_rows_are_multiplied_as_they_read() -> None:
    torch.manual_seed(0)
    samples, layer = torch.randn(1, 40), torch.nn.Linear(10, 16)
    pieces = samples.to(torch.bfloat16).unfold(1, 10, 5)
    outputs = PackedLinear(layer.weight, layer.bias, torch.bfloat16)(pieces)
    assert (outputs.float() - layer(samples.unfold(1, 10, 5))).abs().max() < 5e-2


def test_it_keeps_weights_of_its_own() -> None:
    weight, bias = torch.ones(4, 8), torch.zeros(4)
    layer = PackedLinear(weight, bias, torch.float32)
    weight.fill_(2)
    assert layer(torch.ones(1, 8)).tolist() == [[8.0] * 4]


def test_packing_is_for_processors_that_know_bfloat16() -> None:
    assert can_pack() == torch.ops.mkldnn._is_mkldnn_bf16_supported()
