import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from hoovik.errors import BundleError
from hoovik.features.sequence import SequenceBatch
from hoovik.models.compiled import CompiledTransformer
from hoovik.models.ensemble import load_transformer, transformer_logits
from hoovik.models.transformer import (
    Attention,
    AttentionPooling,
    EmotionTransformer,
    Outputs,
    TemporalStem,
)
from hoovik.schema.emotion import Profile
from tests.unit.features.scenes import masked_filled, mixed, one


@pytest.fixture(scope="module")
def model() -> EmotionTransformer:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = EmotionTransformer().eval()
        # As trained: cross-attention open, and features standardised by something.
        torch.nn.init.normal_(model.cross_gate)
        for stream in (model.audio, model.face):
            torch.nn.init.uniform_(stream.projection.mean, -1, 1)
            torch.nn.init.uniform_(stream.projection.scale, 0.5, 2)
    return model


def outputs(model: EmotionTransformer, batch: SequenceBatch) -> Outputs:
    return model(
        torch.from_numpy(batch.audio),
        torch.from_numpy(batch.face),
        torch.from_numpy(batch.audio_mask),
        torch.from_numpy(batch.face_mask),
    )


def test_it_has_about_one_million_eight_hundred_thousand_parameters(
    model: EmotionTransformer,
) -> None:
    assert 1.6e6 < sum(parameter.numel() for parameter in model.parameters()) < 2.0e6


def test_its_sizes_are_the_published_ones(model: EmotionTransformer) -> None:
    assert model.config.as_dict() == {
        "d_model": 256,
        "heads": 8,
        "layers": 3,
        "feed_forward": 768,
        "dropout": 0.152,
    }
    assert model.audio.projection.value.in_features == 1024
    assert model.face.projection.value.in_features == 326
    assert model.audio.positions.shape == (10, 128)


def test_every_head_answers_six_logits(model: EmotionTransformer) -> None:
    for logits in outputs(model, mixed(4)):
        assert logits.shape == (4, 6)
        assert logits.dtype == torch.float32


@pytest.mark.parametrize("filling", [np.nan, np.inf, 1e9, -3.0])
def test_what_a_masked_step_holds_never_changes_the_answer(
    model: EmotionTransformer, filling: float
) -> None:
    batch = mixed(9)
    for filled, plain in zip(
        outputs(model, masked_filled(batch, filling)), outputs(model, batch), strict=True
    ):
        assert torch.equal(filled, plain)


def test_what_a_valid_step_holds_does_change_it(model: EmotionTransformer) -> None:
    batch = mixed(1)
    before = outputs(model, batch).logits
    for array, mask in ((batch.audio, batch.audio_mask), (batch.face, batch.face_mask)):
        step = int(np.flatnonzero(mask[0])[0])
        array[0, step] += 1
        after = outputs(model, batch).logits
        assert (after - before).abs().max() > 1e-3
        before = after


def test_the_order_of_the_steps_matters(model: EmotionTransformer) -> None:
    generator = np.random.default_rng(0)
    voices = {step: generator.standard_normal(1024) for step in range(10)}
    backwards = {9 - step: voices[step] for step in range(10)}
    forth = outputs(model, one(audio=voices)).logits
    back = outputs(model, one(audio=backwards)).logits
    assert (forth - back).abs().max() > 1e-3


def test_a_masked_step_has_nothing_to_give_to_its_neighbours() -> None:
    torch.manual_seed(0)
    stem, steps = TemporalStem(128), torch.randn(1, 10, 128)
    valid = torch.ones(1, 10, 1, dtype=torch.bool)
    valid[:, 4] = False
    other = steps.clone()
    other[:, 4] = 7.0
    assert torch.equal(stem(steps, valid), stem(other, valid))
    assert not torch.allclose(stem(steps, ~valid), stem(other, ~valid))


def test_the_stem_convolves_over_three_steps() -> None:
    torch.manual_seed(3)
    stem, steps = TemporalStem(8), torch.randn(2, 10, 8)
    expected = stem.conv(steps.transpose(1, 2)).transpose(1, 2)
    torch.testing.assert_close(stem._convolve(steps), expected)


def test_attention_does_not_look_at_what_is_masked() -> None:
    torch.manual_seed(0)
    attention, queries = Attention(128, 8, dropout=0.0).eval(), torch.randn(1, 3, 128)
    memory, visible = torch.randn(1, 10, 128), torch.ones(1, 10, dtype=torch.bool)
    visible[:, 6:] = False
    expected = attention(queries, memory[:, :6], visible[:, :6])
    assert torch.allclose(attention(queries, memory, visible), expected, atol=1e-6)


def test_pooling_is_the_mean_of_the_visible_steps_where_all_score_alike() -> None:
    pooling = AttentionPooling(2)
    torch.nn.init.zeros_(pooling.score.weight)
    steps = torch.tensor([[[1.0, 0], [3.0, 4.0], [99.0, 99.0]]])
    pooled = pooling(steps, torch.tensor([[True, True, False]]))
    assert pooled.tolist() == [[2.0, 2.0]]


def test_pooling_weighs_by_score() -> None:
    pooling = AttentionPooling(2)
    with torch.no_grad():
        pooling.score.weight[:] = torch.tensor([[1.0, 0.0]])
    # Scores 0 and log 3: weights 1/4 and 3/4.
    steps = torch.tensor([[[0.0, 4.0], [float(np.log(3)), 8.0]]])
    pooled = pooling(steps, torch.tensor([[True, True]]))
    assert pooled[0, 1].item() == pytest.approx(7)


@pytest.mark.parametrize("profile", list(Profile))
def test_an_absent_modality_leaves_finite_answers(
    model: EmotionTransformer, profile: Profile
) -> None:
    face, audio = {9: np.ones(326)}, {9: np.ones(1024)}
    batch = one(face if profile.has_face else None, audio if profile.has_audio else None, profile)
    assert all(torch.isfinite(logits).all() for logits in outputs(model, batch))


def test_no_modality_at_all_is_finite_too(model: EmotionTransformer) -> None:
    assert all(torch.isfinite(logits).all() for logits in outputs(model, one()))


def test_an_absent_modality_cannot_be_told_from_what_it_held(model: EmotionTransformer) -> None:
    generator = np.random.default_rng(0)
    batch = one(audio={step: generator.standard_normal(1024) for step in range(10)})
    assert torch.equal(
        outputs(model, batch).logits, outputs(model, masked_filled(batch, 100.0)).logits
    )


def test_the_auxiliary_heads_look_at_their_own_modality_alone(model: EmotionTransformer) -> None:
    batch, other = mixed(1), mixed(1, seed=5)
    swapped = SequenceBatch(
        batch.audio,
        other.face,
        other.expression,
        batch.audio_mask,
        other.face_mask,
        batch.profiles,
    )
    before, after = outputs(model, batch), outputs(model, swapped)
    assert torch.equal(before.audio_logits, after.audio_logits)
    assert not torch.allclose(before.face_logits, after.face_logits)
    assert not torch.allclose(before.logits, after.logits)


def test_a_batch_is_its_sequences_one_by_one(model: EmotionTransformer) -> None:
    batch = mixed(9)
    together = transformer_logits(model, batch)
    singly = np.concatenate([transformer_logits(model, batch[row : row + 1]) for row in range(9)])
    assert together.dtype == np.float32
    np.testing.assert_allclose(singly, together, atol=1e-5)


def test_the_gradient_reaches_every_parameter(model: EmotionTransformer) -> None:
    model.zero_grad()
    sum(torch.nn.functional.cross_entropy(logits, torch.arange(6).repeat(2))
        for logits in outputs(model, mixed(12))).backward()  # fmt: skip
    unreached = []
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        # A softmax takes back what is added to all of its inputs.
        if not parameter.grad.any() and not name.endswith("pooling.score.bias"):
            unreached.append(name)
    model.zero_grad()
    assert unreached == []


def test_weights_are_read_in_half_precision(model: EmotionTransformer, tmp_path) -> None:
    file = tmp_path / "transformer.safetensors"
    save_file({name: tensor.half() for name, tensor in model.state_dict().items()}, file)
    loaded = load_transformer(file)
    assert not loaded.training
    assert {parameter.dtype for parameter in loaded.parameters()} == {torch.float32}
    batch = mixed(6)
    np.testing.assert_allclose(
        transformer_logits(loaded, batch), transformer_logits(model, batch), atol=0.02
    )


def test_weights_of_another_network_are_refused_by_name(
    model: EmotionTransformer, tmp_path
) -> None:
    tensors = dict(model.state_dict())
    del tensors["cross_gate"]
    save_file(tensors, tmp_path / "transformer.safetensors")
    with pytest.raises(BundleError, match=r"(?s)transformer\.safetensors.*cross_gate"):
        load_transformer(tmp_path / "transformer.safetensors")


def test_compiled_it_says_the_same(model: EmotionTransformer) -> None:
    batch, fast = mixed(12), CompiledTransformer(model)
    for rows in (slice(0, 12), slice(0, 1), slice(1, 2), slice(2, 3), slice(4, 9), slice(0, 0)):
        expected = transformer_logits(model, batch[rows])
        np.testing.assert_allclose(fast.logits(batch[rows]), expected, atol=2e-5)


def test_compiled_it_reads_no_masked_step(model: EmotionTransformer) -> None:
    batch, fast = mixed(9), CompiledTransformer(model)
    np.testing.assert_array_equal(
        fast.logits(masked_filled(batch, 1e6)), fast.logits(masked_filled(batch, -3.0))
    )
