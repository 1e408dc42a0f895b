"""The real loading code, on a network of the real kind with one small layer."""

import gc
import hashlib
import json
import logging
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2Model

from hoovik.audio.batch import CPU_LANES
from hoovik.audio.encoder import load_audio_encoder
from hoovik.audio.precision import candidates
from hoovik.audio.wav2vec2 import Wav2Vec2Encoder
from hoovik.errors import BundleError, ConfigurationError
from hoovik.layout import AUDIO_DIM, WINDOW_SAMPLES
from hoovik.settings import AudioSettings, Precision

WEIGHTS = "model.safetensors"


def save_small_model(folder: Path, hidden_size: int) -> None:
    config = Wav2Vec2Config(
        hidden_size=hidden_size,
        num_hidden_layers=1,
        num_attention_heads=4,
        intermediate_size=32,
        conv_dim=(8,) * 7,
        num_conv_pos_embeddings=4,
        num_conv_pos_embedding_groups=16,
        feat_extract_norm="layer",
        conv_bias=True,
        do_stable_layer_norm=True,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        Wav2Vec2Model(config).save_pretrained(folder)


class CodeInAPickle:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self._folder,)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wav2vec2")
    save_small_model(folder, AUDIO_DIM)
    return folder


@pytest.fixture
def copy(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "copy"))


@pytest.fixture(scope="module")
def encoder(published: Path) -> Wav2Vec2Encoder:
    return Wav2Vec2Encoder.from_pretrained(str(published), None)


@pytest.fixture(scope="module")
def windows() -> NDArray[np.float32]:
    noise = np.random.default_rng(0).standard_normal((3, WINDOW_SAMPLES))
    return (0.05 * noise).astype(np.float32)


def test_it_answers_the_mean_over_time_of_the_last_hidden_state(
    published: Path, encoder: Wav2Vec2Encoder, windows: NDArray[np.float32]
) -> None:
    model = Wav2Vec2Model.from_pretrained(published).eval()
    extract = Wav2Vec2FeatureExtractor(do_normalize=True)
    inputs = extract(list(windows), sampling_rate=16_000, return_tensors="pt").input_values
    with torch.inference_mode():
        expected = model(inputs).last_hidden_state.mean(dim=1).numpy()
    vectors = encoder.encode(windows)
    assert vectors.shape == (3, AUDIO_DIM)
    assert vectors.dtype == np.float32
    assert np.abs(vectors - expected).max() < 1e-5


def test_level_and_offset_of_a_window_do_not_matter(
    encoder: Wav2Vec2Encoder, windows: NDArray[np.float32]
) -> None:
    gains = np.array([[0.25], [1], [8]], np.float32)
    offsets = np.array([[0.1], [-0.3], [0]], np.float32)
    moved = encoder.encode(windows * gains + offsets)
    assert np.abs(moved - encoder.encode(windows)).max() < 1e-3


def test_each_window_is_normalised_by_itself(
    encoder: Wav2Vec2Encoder, windows: NDArray[np.float32]
) -> None:
    singly = np.concatenate([encoder.encode(window[None]) for window in windows])
    assert np.abs(encoder.encode(windows) - singly).max() < 1e-5


def test_several_threads_may_encode_at_the_same_time(
    encoder: Wav2Vec2Encoder, windows: NDArray[np.float32]
) -> None:
    expected = encoder.encode(windows)
    with ThreadPoolExecutor(CPU_LANES) as threads:
        answers = list(threads.map(encoder.encode, [windows] * 4 * CPU_LANES))
    assert all(np.array_equal(answer, expected) for answer in answers)


def test_digital_silence_has_a_finite_vector(encoder: Wav2Vec2Encoder) -> None:
    assert np.isfinite(encoder.encode(np.zeros((1, WINDOW_SAMPLES), np.float32))).all()


def test_no_windows_make_no_vectors(encoder: Wav2Vec2Encoder) -> None:
    assert encoder.encode(np.empty((0, WINDOW_SAMPLES), np.float32)).shape == (0, AUDIO_DIM)


def test_the_pinned_digest_is_accepted_and_any_other_refused(published: Path) -> None:
    digest = hashlib.sha256((published / WEIGHTS).read_bytes()).hexdigest()
    settings = AudioSettings(encoder="wav2vec2", wav2vec2=str(published), wav2vec2_sha256=digest)
    assert load_audio_encoder(settings, None).name == "wav2vec2"
    assert Wav2Vec2Encoder.from_pretrained(str(published), digest.upper()).name == "wav2vec2"
    with pytest.raises(BundleError) as refusal:
        Wav2Vec2Encoder.from_pretrained(str(published), "0" * 64)
    assert digest in refusal.value.message
    assert "0" * 64 in refusal.value.message


def test_unpinned_weights_are_used_and_their_digest_logged(
    published: Path, caplog: pytest.LogCaptureFixture
) -> None:
    digest = hashlib.sha256((published / WEIGHTS).read_bytes()).hexdigest()
    Wav2Vec2Encoder.from_pretrained(str(published), None)
    assert digest in caplog.text


def test_another_width_is_refused(tmp_path: Path) -> None:
    save_small_model(tmp_path, 768)
    with pytest.raises(BundleError, match=r"768.*1024"):
        Wav2Vec2Encoder.from_pretrained(str(tmp_path), None)


def test_the_form_of_the_published_checkpoint_is_read(
    copy: Path, encoder: Wav2Vec2Encoder, windows: NDArray[np.float32]
) -> None:
    # Written by an early transformers from a class of the publisher's own, for no vocabulary.
    config = json.loads((copy / "config.json").read_text())
    config |= {
        "_name_or_path": "torch",
        "architectures": ["Wav2Vec2ForSpeechClassification"],
        "finetuning_task": "wav2vec2_reg",
        "hidden_dropout_prob": 0.1,
        "pooling_mode": "mean",
        "torch_dtype": "float32",
        "transformers_version": "4.17.0.dev0",
        "vocab_size": None,
    }
    (copy / "config.json").write_text(json.dumps(config))
    positions = "encoder.pos_conv_embed.conv.parametrizations.weight.original"
    earlier = {f"{positions}0": "encoder.pos_conv_embed.conv.weight_g"}
    earlier |= {f"{positions}1": "encoder.pos_conv_embed.conv.weight_v"}
    tensors = load_file(copy / WEIGHTS)
    assert earlier.keys() <= tensors.keys()
    renamed = {f"wav2vec2.{earlier.get(name, name)}": one for name, one in tensors.items()}
    head = {"classifier.dense.weight": torch.zeros(3, 3), "classifier.dense.bias": torch.zeros(3)}
    torch.save(renamed | head, copy / "pytorch_model.bin")
    (copy / WEIGHTS).unlink()
    loaded = Wav2Vec2Encoder.from_pretrained(str(copy), None)
    assert np.array_equal(loaded.encode(windows), encoder.encode(windows))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("do_stable_layer_norm", False),
        ("hidden_act", "relu"),
        ("feat_extract_activation", "relu"),
    ],
)
def test_another_variant_of_the_network_is_refused(copy: Path, name: str, value: object) -> None:
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {name: value}))
    with pytest.raises(BundleError, match=f"{name} is {value!r}"):
        Wav2Vec2Encoder.from_pretrained(str(copy), None)


def test_a_network_with_adapters_is_refused(copy: Path) -> None:
    config = Wav2Vec2Config.from_pretrained(copy)
    config.adapter_attn_dim = 4
    Wav2Vec2Model(config).save_pretrained(copy)
    with pytest.raises(BundleError, match="adapter_attn_dim is 4"):
        Wav2Vec2Encoder.from_pretrained(str(copy), None)


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_the_settings_choose_the_number_type(
    published: Path,
    encoder: Wav2Vec2Encoder,
    windows: NDArray[np.float32],
    precision: Precision,
) -> None:
    settings = AudioSettings(encoder="wav2vec2", wav2vec2=str(published), precision=precision)
    loaded = load_audio_encoder(settings, None)
    assert loaded.dtype == getattr(torch, precision)
    exact, vectors = encoder.encode(windows), loaded.encode(windows)
    assert vectors.dtype == np.float32
    assert np.array_equal(vectors, exact) == (precision == "float32")
    assert np.abs(vectors - exact).max() < 0.1


def test_auto_takes_a_type_that_the_processor_knows(
    published: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        encoder = Wav2Vec2Encoder.from_pretrained(str(published), None, precision="auto")
    assert encoder.dtype in candidates("cpu")
    assert "wav2vec2 computes in" in caplog.text


def test_of_a_loaded_model_the_encoders_weights_alone_are_left(published: Path) -> None:
    settings = AudioSettings(encoder="wav2vec2", wav2vec2=str(published))
    load_audio_encoder(settings, None)
    assert not any(type(one) is Wav2Vec2Model for one in gc.get_objects())


def test_missing_tensors_are_refused(copy: Path) -> None:
    tensors = load_file(copy / WEIGHTS)
    del tensors["feature_projection.projection.weight"]
    save_file(tensors, copy / WEIGHTS, metadata={"format": "pt"})
    with pytest.raises(BundleError, match=r"lacks feature_projection\.projection\.weight"):
        Wav2Vec2Encoder.from_pretrained(str(copy), None)


def test_unknown_tensors_are_refused_and_a_head_is_left_out(copy: Path) -> None:
    tensors = load_file(copy / WEIGHTS)
    save_file(
        tensors | {"classifier.dense.weight": torch.zeros(3, 3)},
        copy / WEIGHTS,
        metadata={"format": "pt"},
    )
    Wav2Vec2Encoder.from_pretrained(str(copy), None)
    save_file(tensors | {"adapter.x": torch.zeros(3)}, copy / WEIGHTS, metadata={"format": "pt"})
    with pytest.raises(BundleError, match=r"unknown adapter\.x"):
        Wav2Vec2Encoder.from_pretrained(str(copy), None)


@pytest.mark.parametrize("kept", [0, 5_000, 1_000_000])
def test_damaged_weights_are_refused(copy: Path, kept: int) -> None:
    (copy / WEIGHTS).write_bytes((copy / WEIGHTS).read_bytes()[:kept])
    with pytest.raises(BundleError, match="cannot be loaded"):
        Wav2Vec2Encoder.from_pretrained(str(copy), None)


def test_weights_in_the_older_format_are_read_and_nothing_in_them_is_run(
    copy: Path, encoder: Wav2Vec2Encoder, windows: NDArray[np.float32]
) -> None:
    older, ran = copy / "pytorch_model.bin", copy / "ran"
    torch.save(load_file(copy / WEIGHTS), older)
    (copy / WEIGHTS).unlink()
    loaded = Wav2Vec2Encoder.from_pretrained(str(copy), None)
    assert np.array_equal(loaded.encode(windows), encoder.encode(windows))

    torch.save({"weight": CodeInAPickle(ran)}, older)
    with pytest.raises(BundleError, match="cannot be loaded"):
        Wav2Vec2Encoder.from_pretrained(str(copy), None)
    assert not ran.exists()


def test_weights_that_do_not_fit_their_configuration_are_refused(copy: Path) -> None:
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"intermediate_size": 48}))
    with pytest.raises(BundleError):
        Wav2Vec2Encoder.from_pretrained(str(copy), None)


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"num_hidden_layers": "one"}'])
def test_weights_without_their_configuration_are_refused(copy: Path, content: str | None) -> None:
    (copy / "config.json").unlink()
    if content is not None:
        (copy / "config.json").write_text(content)
    with pytest.raises(BundleError):
        Wav2Vec2Encoder.from_pretrained(str(copy), None)


def test_a_folder_without_weights_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds none of"):
        Wav2Vec2Encoder.from_pretrained(str(tmp_path), None)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("source", ["/no/such/folder", "nobody/no-such-model", "no good name!"])
def test_what_is_neither_a_folder_nor_reachable_is_a_wrong_setting(source: str) -> None:
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    with pytest.raises(ConfigurationError) as refusal:
        Wav2Vec2Encoder.from_pretrained(source, None)
    assert source in refusal.value.message
    assert "audio.wav2vec2" in refusal.value.message
