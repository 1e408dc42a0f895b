"""The real loading code and network, with random weights of the published shapes."""

import gc
import hashlib
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from scipy.fft import dct
from torch import Tensor
from transformers import (
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
    WhisperModel,
)
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from hoovik.audio.encoder import load_audio_encoder
from hoovik.audio.precision import candidates
from hoovik.audio.whisper import WhisperAudioEncoder
from hoovik.audio.whisper_network import LEVEL, WhisperLogMel, WhisperNetwork
from hoovik.errors import BundleError, ConfigurationError
from hoovik.layout import AUDIO_DIM, SAMPLE_RATE, WINDOW_SAMPLES
from hoovik.settings import AudioSettings, Precision

WEIGHTS = "model.safetensors"
WIDTH = 384
SMALL_DECODER = {
    "decoder_layers": 1,
    "decoder_ffn_dim": 8,
    "vocab_size": 16,
    "max_target_positions": 8,
    "pad_token_id": 0,
    "bos_token_id": 0,
    "eos_token_id": 0,
    "decoder_start_token_id": 0,
}


@pytest.fixture(scope="module")
def whole() -> WhisperForConditionalGeneration:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = WhisperForConditionalGeneration(WhisperConfig(**SMALL_DECODER)).eval()
        # As initialised every bias is 0 and every norm the identity, which would hide mistakes;
        # rounded, so that a file in float16 holds the same.
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter.data += 0.1 * torch.randn_like(parameter)
            parameter.data = parameter.data.half().float()
    return model


@pytest.fixture(scope="module")
def published(
    whole: WhisperForConditionalGeneration, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("whisper")
    whole.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def encoder(published: Path) -> WhisperAudioEncoder:
    return WhisperAudioEncoder.from_pretrained(str(published), None)


@pytest.fixture(scope="module")
def sounds(speech: NDArray[np.float32]) -> NDArray[np.float32]:
    """(3, 32000): speech that goes on, speech after silence, and speech after a pause."""
    going_on = speech[:4].reshape(-1)[-32_000:]
    after_silence = np.concatenate([np.zeros(22_400, np.float32), speech[4]])
    after_pause = np.concatenate([going_on[:12_800], np.zeros(9_600, np.float32), speech[5]])
    return np.stack([going_on, after_silence, after_pause])


@pytest.fixture(scope="module")
def expected(
    whole: WhisperForConditionalGeneration, sounds: NDArray[np.float32]
) -> tuple[Tensor, Tensor]:
    """(3, 30, 384) after the second and the third layer, by transformers' own classes."""
    reference = WhisperEncoder(WhisperConfig(max_source_positions=100)).eval()
    tensors = whole.model.encoder.state_dict()
    tensors["embed_positions.weight"] = tensors["embed_positions.weight"][:100]
    reference.load_state_dict(tensors)
    extract = WhisperFeatureExtractor(chunk_length=2)
    level = np.sqrt(np.square(sounds[:, -WINDOW_SAMPLES:]).mean(axis=1, keepdims=True))
    log_mel = extract(
        list(LEVEL * sounds / level), sampling_rate=SAMPLE_RATE, return_tensors="pt"
    ).input_features
    with torch.inference_mode():
        hidden = reference(log_mel, output_hidden_states=True).hidden_states
    return hidden[2][:, -30:], hidden[3][:, -30:]


def converted(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The encoder's tensors in float16 under the names that CTranslate2 gives them."""
    names = {
        r"^layers\.": "layer_",
        r"^embed_positions\.weight$": "position_encodings.encodings",
        r"\.self_attn_layer_norm\.": ".self_attention.layer_norm.",
        r"\.self_attn\.out_proj\.": ".self_attention.linear_1.",
        r"\.final_layer_norm\.": ".ffn.layer_norm.",
        r"\.fc1\.": ".ffn.linear_0.",
        r"\.fc2\.": ".ffn.linear_1.",
        r"layer_norm\.weight$": "layer_norm.gamma",
        r"layer_norm\.bias$": "layer_norm.beta",
    }
    given: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if not re.search("[qkv]_proj", name):
            for pattern, other in names.items():
                name = re.sub(pattern, other, name)  # noqa: PLW2901
            given[name] = tensor.half()
    for layer in range(4):
        ours, theirs = f"layers.{layer}.self_attn", f"layer_{layer}.self_attention.linear_0"
        weights = [tensors[f"{ours}.{one}_proj.weight"] for one in "qkv"]
        biases = [tensors[f"{ours}.{one}_proj.bias"] for one in "qv"]
        given[f"{theirs}.weight"] = torch.cat(weights).half()
        given[f"{theirs}.bias"] = torch.cat([biases[0], torch.zeros(WIDTH), biases[1]]).half()
    return given


def test_it_hears_the_log_mel_of_whispers_own_extractor(sounds: NDArray[np.float32]) -> None:
    extract = WhisperFeatureExtractor(chunk_length=2)
    theirs = extract(list(sounds), sampling_rate=SAMPLE_RATE, return_tensors="pt").input_features
    ours = WhisperLogMel()(torch.from_numpy(sounds))
    assert ours.shape == (3, 200, 80)
    assert (ours.transpose(1, 2) - theirs).abs().max() < 1e-6


def test_it_answers_statistics_of_the_windows_hidden_states(
    encoder: WhisperAudioEncoder,
    sounds: NDArray[np.float32],
    expected: tuple[Tensor, Tensor],
) -> None:
    vectors = encoder.encode(sounds)
    assert vectors.shape == (3, AUDIO_DIM)
    assert vectors.dtype == np.float32
    second, third = (hidden.numpy() for hidden in expected)
    assert np.abs(vectors[:, :WIDTH] - second.mean(axis=1)).max() < 1e-4
    assert np.abs(vectors[:, WIDTH : 2 * WIDTH] - third.mean(axis=1)).max() < 1e-4
    projected = dct(second.std(axis=1), type=4, norm="ortho")[:, : AUDIO_DIM - 2 * WIDTH]
    assert np.abs(vectors[:, 2 * WIDTH :] - projected).max() < 1e-4


def test_the_level_of_a_voice_does_not_matter(
    encoder: WhisperAudioEncoder, sounds: NDArray[np.float32]
) -> None:
    quiet, loud = encoder.encode(0.1 * sounds), encoder.encode(3 * sounds)
    closeness = np.sum(quiet * loud, axis=1) / (
        np.linalg.norm(quiet, axis=1) * np.linalg.norm(loud, axis=1)
    )
    assert closeness.min() > 0.9999


@pytest.mark.parametrize(("dtype", "least"), [(torch.bfloat16, 0.999), (torch.float16, 0.9999)])
def test_in_16_bits_it_says_nearly_the_same(
    whole: WhisperForConditionalGeneration,
    encoder: WhisperAudioEncoder,
    sounds: NDArray[np.float32],
    dtype: torch.dtype,
    least: float,
) -> None:
    exact = torch.from_numpy(encoder.encode(sounds))
    with torch.inference_mode():
        vectors = WhisperNetwork(whole.model.encoder, dtype)(torch.from_numpy(sounds))
    assert torch.nn.functional.cosine_similarity(vectors, exact).min() > least


def test_what_was_said_before_the_window_matters(
    encoder: WhisperAudioEncoder, sounds: NDArray[np.float32]
) -> None:
    alone = sounds[:1].copy()
    alone[:, :-WINDOW_SAMPLES] = 0
    assert np.abs(encoder.encode(alone) - encoder.encode(sounds[:1])).max() > 0.01


def test_each_window_is_encoded_by_itself(
    encoder: WhisperAudioEncoder, sounds: NDArray[np.float32]
) -> None:
    singly = np.concatenate([encoder.encode(sound[None]) for sound in sounds])
    assert np.abs(encoder.encode(sounds) - singly).max() < 1e-4


def test_several_threads_may_encode_at_the_same_time(
    encoder: WhisperAudioEncoder, sounds: NDArray[np.float32]
) -> None:
    expected = encoder.encode(sounds)
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(encoder.encode, [sounds] * 4))
    assert all(np.array_equal(answer, expected) for answer in answers)


def test_digital_silence_has_a_finite_vector(encoder: WhisperAudioEncoder) -> None:
    assert np.isfinite(encoder.encode(np.zeros((1, encoder.context_samples), np.float32))).all()


def test_no_windows_make_no_vectors(encoder: WhisperAudioEncoder) -> None:
    none = np.empty((0, encoder.context_samples), np.float32)
    assert encoder.encode(none).shape == (0, AUDIO_DIM)


def test_the_encoders_tensors_are_found_under_every_name(
    whole: WhisperForConditionalGeneration,
    published: Path,
    encoder: WhisperAudioEncoder,
    sounds: NDArray[np.float32],
    tmp_path: Path,
) -> None:
    assert "model.encoder.layers.0.self_attn.q_proj.weight" in load_file(published / WEIGHTS)
    WhisperModel.save_pretrained(whole.model, tmp_path / "model")
    assert "encoder.layers.0.fc1.weight" in load_file(tmp_path / "model" / WEIGHTS)
    own = whole.model.encoder.state_dict()
    save_file(own, tmp_path / "encoder.safetensors")
    save_file(converted(own), tmp_path / "converted.safetensors")
    vectors = encoder.encode(sounds)
    for source in ("model", f"model/{WEIGHTS}", "encoder.safetensors", "converted.safetensors"):
        other = WhisperAudioEncoder.from_pretrained(str(tmp_path / source), None)
        assert np.array_equal(other.encode(sounds), vectors), source


@pytest.mark.data
def test_the_weights_of_others_tell_voices_apart(data: Path, sounds: NDArray[np.float32]) -> None:
    source = data / "models" / "whisper_tiny_en_encoder.safetensors"
    vectors = WhisperAudioEncoder.from_pretrained(str(source), None).encode(sounds)
    assert np.isfinite(vectors).all()
    assert np.linalg.matrix_rank(vectors) == len(sounds)


def test_the_pinned_digest_is_accepted_and_any_other_refused(
    published: Path, caplog: pytest.LogCaptureFixture
) -> None:
    digest = hashlib.sha256((published / WEIGHTS).read_bytes()).hexdigest()
    settings = AudioSettings(encoder="whisper", whisper=str(published), whisper_sha256=digest)
    assert load_audio_encoder(settings, None).name == "whisper"
    assert digest not in caplog.text
    WhisperAudioEncoder.from_pretrained(str(published), None)
    assert f"set audio.whisper_sha256 to {digest}" in caplog.text
    with pytest.raises(BundleError) as refusal:
        WhisperAudioEncoder.from_pretrained(str(published), "0" * 64)
    assert digest in refusal.value.message


def test_tensors_of_another_network_are_refused(published: Path, tmp_path: Path) -> None:
    tensors, file = load_file(published / WEIGHTS), tmp_path / WEIGHTS

    def refused(changed: dict[str, Tensor], words: str) -> None:
        save_file(changed, file)
        with pytest.raises(BundleError, match=words):
            WhisperAudioEncoder.from_pretrained(str(file), None)

    first = "model.encoder.layers.0"
    bias = f"{first}.self_attn.q_proj.bias"
    refused({name: one for name, one in tensors.items() if name != bias}, "q_proj.bias")
    refused(tensors | {f"{first}.self_attn.k_proj.bias": torch.ones(WIDTH)}, "k_proj.bias")
    refused(tensors | {f"{first}.fc1.weight": torch.zeros(2048, 512)}, "fc1.weight")
    refused({"something": torch.zeros(3)}, "Whisper tiny")


@pytest.mark.parametrize("kept", [0, 5_000, 1_000_000])
def test_damaged_weights_are_refused(published: Path, tmp_path: Path, kept: int) -> None:
    (tmp_path / WEIGHTS).write_bytes((published / WEIGHTS).read_bytes()[:kept])
    with pytest.raises(BundleError, match="cannot be read"):
        WhisperAudioEncoder.from_pretrained(str(tmp_path), None)


def test_a_folder_without_weights_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds none of"):
        WhisperAudioEncoder.from_pretrained(str(tmp_path), None)


@pytest.mark.timeout(20)
def test_what_is_neither_here_nor_reachable_is_a_wrong_setting() -> None:
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    with pytest.raises(ConfigurationError, match=r"nobody/no-such-model.*audio\.whisper"):
        WhisperAudioEncoder.from_pretrained("nobody/no-such-model", None)


@pytest.mark.parametrize("precision", ["auto", "float32", "bfloat16"])
def test_the_settings_choose_the_number_type(published: Path, precision: Precision) -> None:
    settings = AudioSettings(encoder="whisper", whisper=str(published), precision=precision)
    dtype = load_audio_encoder(settings, None).dtype
    assert dtype in candidates("cpu") if precision == "auto" else getattr(torch, precision)


def test_of_a_loaded_model_the_encoders_weights_alone_are_left(published: Path) -> None:
    before = sum(type(one) is WhisperEncoder for one in gc.get_objects())
    load_audio_encoder(AudioSettings(encoder="whisper", whisper=str(published)), None)
    assert sum(type(one) is WhisperEncoder for one in gc.get_objects()) <= before
