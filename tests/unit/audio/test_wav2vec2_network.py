"""The published architecture with random weights, against transformers' own forward."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import Wav2Vec2Config, Wav2Vec2Model

from hoovik.audio.wav2vec2_network import Wav2Vec2Network, one_layer


@pytest.fixture(scope="module")
def normalised(speech: NDArray[np.float32]) -> Tensor:
    centred = speech - speech.mean(axis=1, keepdims=True)
    return torch.from_numpy(centred / centred.std(axis=1, keepdims=True))


@pytest.fixture(scope="module")
def model() -> Wav2Vec2Model:
    config = Wav2Vec2Config(
        hidden_size=1024,
        num_hidden_layers=12,
        num_attention_heads=16,
        intermediate_size=4096,
        feat_extract_norm="layer",
        conv_bias=True,
        do_stable_layer_norm=True,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = Wav2Vec2Model(config).eval()
        # As initialised every bias is 0 and every norm the identity, which would hide mistakes.
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter.data += 0.1 * torch.randn_like(parameter)
    return model


@pytest.fixture(scope="module")
def expected(model: Wav2Vec2Model, normalised: Tensor) -> Tensor:
    with torch.inference_mode():
        return model(normalised).last_hidden_state.mean(dim=1)


def cosines(vectors: Tensor, others: Tensor) -> Tensor:
    return torch.nn.functional.cosine_similarity(vectors.double(), others.double())


def test_in_float32_it_is_the_network_of_transformers(
    model: Wav2Vec2Model, normalised: Tensor, expected: Tensor
) -> None:
    with torch.inference_mode():
        vectors = Wav2Vec2Network(model, torch.float32)(normalised)
    assert vectors.dtype == torch.float32
    assert (vectors - expected).abs().max() < 1e-5


@pytest.mark.parametrize(
    ("dtype", "least"), [(torch.bfloat16, 0.999), (torch.float16, 0.9999)], ids=str
)
def test_16_bit_types_point_the_same_way(
    model: Wav2Vec2Model, normalised: Tensor, expected: Tensor, dtype: torch.dtype, least: float
) -> None:
    with torch.inference_mode():
        vectors = Wav2Vec2Network(model, dtype)(normalised)
    assert vectors.dtype == torch.float32
    assert cosines(vectors, expected).min() >= least
    # No wonder if all windows pointed the same way: each is nearest to itself.
    centred, centre = vectors - expected.mean(dim=0), expected - expected.mean(dim=0)
    assert cosines(centred, centre).min() > 0.99


def test_a_window_does_not_depend_on_those_beside_it(
    model: Wav2Vec2Model, normalised: Tensor
) -> None:
    network = Wav2Vec2Network(model, torch.bfloat16)
    with torch.inference_mode():
        together, singly = (
            network(normalised[:3]),
            torch.cat([network(one[None]) for one in normalised[:3]]),
        )
    assert cosines(together, singly).min() >= 0.999


def test_its_weights_are_copies(model: Wav2Vec2Model) -> None:
    network = Wav2Vec2Network(model, torch.float32)
    theirs = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    ours = {tensor.untyped_storage().data_ptr() for tensor in network.state_dict().values()}
    assert not theirs & ours


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_a_layer_can_be_tried_in_a_type(model: Wav2Vec2Model, dtype: torch.dtype) -> None:
    with torch.inference_mode():
        hidden = one_layer(model, dtype)()
    assert hidden.shape == (4, 29, 1024)
    assert hidden.dtype == dtype
    assert hidden.isfinite().all()
