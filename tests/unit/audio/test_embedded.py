from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file

from hoovik.audio.embedded import EmbeddedAudioEncoder
from hoovik.audio.encoder import load_audio_encoder
from hoovik.audio.network import SpeechNet
from hoovik.errors import BundleError, ConfigurationError
from hoovik.layout import AUDIO_DIM, WINDOW_SAMPLES
from hoovik.settings import MODEL_ARTIFACTS, AudioSettings, Precision
from hoovik.weights import load_weights, save_network

WEIGHTS = MODEL_ARTIFACTS / "embedded" / "audio_encoder.safetensors"


@pytest.fixture(scope="module")
def encoder() -> EmbeddedAudioEncoder:
    return EmbeddedAudioEncoder.from_file(WEIGHTS)


@pytest.fixture(scope="module")
def windows() -> NDArray[np.float32]:
    t = np.arange(WINDOW_SAMPLES) / 16_000
    generator = np.random.default_rng(0)
    voices = [
        0.1 * sum(np.sin(2 * np.pi * pitch * k * t) / k for k in range(1, 20))
        + 0.005 * generator.standard_normal(WINDOW_SAMPLES)
        for pitch in (90, 140, 210, 300)
    ]
    return np.array(voices, np.float32)


def test_the_shipped_weights_make_1024_numbers_of_each_window(
    encoder: EmbeddedAudioEncoder, windows: NDArray[np.float32]
) -> None:
    vectors = encoder.encode(windows)
    assert vectors.shape == (4, AUDIO_DIM)
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()
    # Standardised on speech, so of the order of 1; and no two voices alike.
    assert 0.1 < vectors.std() < 10
    assert np.abs(vectors[0] - vectors[3]).mean() > 0.1


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_16_bit_types_point_the_same_way(
    encoder: EmbeddedAudioEncoder, speech: NDArray[np.float32], precision: Precision
) -> None:
    reduced = EmbeddedAudioEncoder.from_file(WEIGHTS, precision=precision)
    exact, vectors = encoder.encode(speech), reduced.encode(speech)
    assert vectors.dtype == np.float32
    assert not np.array_equal(vectors, exact)
    lengths = np.linalg.norm(exact, axis=1) * np.linalg.norm(vectors, axis=1)
    assert ((exact * vectors).sum(axis=1) / lengths).min() >= 0.999


def test_folded_batch_norms_change_nothing(windows: NDArray[np.float32]) -> None:
    network = SpeechNet().eval()
    load_weights(network, WEIGHTS, "audio encoder")
    with torch.inference_mode():
        expected = network(torch.from_numpy(windows)).numpy()
    assert np.abs(EmbeddedAudioEncoder(network).encode(windows) - expected).max() < 1e-4


def test_auto_keeps_float32(encoder: EmbeddedAudioEncoder, windows: NDArray[np.float32]) -> None:
    automatic = EmbeddedAudioEncoder.from_file(WEIGHTS, precision="auto")
    assert automatic.dtype == torch.float32
    assert np.array_equal(automatic.encode(windows), encoder.encode(windows))


def test_no_windows_make_no_vectors(encoder: EmbeddedAudioEncoder) -> None:
    vectors = encoder.encode(np.empty((0, WINDOW_SAMPLES), np.float32))
    assert vectors.shape == (0, AUDIO_DIM)
    assert vectors.dtype == np.float32


def test_a_batch_is_its_windows_one_by_one(
    encoder: EmbeddedAudioEncoder, windows: NDArray[np.float32]
) -> None:
    singly = np.concatenate([encoder.encode(window[None]) for window in windows])
    assert np.abs(encoder.encode(windows) - singly).max() < 1e-4


def test_how_loud_a_voice_is_does_not_matter(
    encoder: EmbeddedAudioEncoder, windows: NDArray[np.float32]
) -> None:
    assert np.abs(encoder.encode(windows) - encoder.encode(windows / 4)).max() < 0.01


def test_digital_silence_has_a_finite_vector(encoder: EmbeddedAudioEncoder) -> None:
    assert np.isfinite(encoder.encode(np.zeros((1, WINDOW_SAMPLES), np.float32))).all()


def test_untrained_weights_depend_on_their_seed_alone(windows: NDArray[np.float32]) -> None:
    one, same, other = (EmbeddedAudioEncoder.untrained(seed).encode(windows) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.allclose(one, other)


def test_an_untrained_encoder_leaves_the_callers_randomness_alone() -> None:
    before = torch.random.get_rng_state()
    EmbeddedAudioEncoder.untrained(5)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_saved_network_loads_as_it_was(tmp_path: Path, windows: NDArray[np.float32]) -> None:
    torch.manual_seed(3)
    network = SpeechNet().eval()
    file = tmp_path / "weights.safetensors"
    save_network(network, file)
    loaded = EmbeddedAudioEncoder.from_file(file).encode(windows)
    # Half precision keeps three digits.
    assert np.abs(loaded - EmbeddedAudioEncoder(network).encode(windows)).max() < 0.02


def test_absent_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"nothing\.safetensors"):
        EmbeddedAudioEncoder.from_file(tmp_path / "nothing.safetensors")


def test_what_is_no_safetensors_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "weights.safetensors"
    for content in (b"", b"not weights at all", WEIGHTS.read_bytes()[:1000]):
        file.write_bytes(content)
        with pytest.raises(BundleError, match=r"weights\.safetensors"):
            EmbeddedAudioEncoder.from_file(file)


@pytest.mark.parametrize("change", ["one less", "one more", "another shape"])
def test_weights_of_another_network_are_refused_by_name(tmp_path: Path, change: str) -> None:
    tensors = load_file(WEIGHTS)
    name = "collapse.0.weight"
    if change == "one less":
        del tensors[name]
    elif change == "one more":
        name = "extra.weight"
        tensors[name] = torch.zeros(3)
    else:
        tensors[name] = tensors[name][:, :64].contiguous()
    save_file(tensors, tmp_path / "weights.safetensors")
    with pytest.raises(BundleError, match=name):
        EmbeddedAudioEncoder.from_file(tmp_path / "weights.safetensors")


def test_the_settings_choose_the_encoder() -> None:
    embedded = load_audio_encoder(AudioSettings(), MODEL_ARTIFACTS / "embedded")
    assert embedded.name == "embedded"
    assert load_audio_encoder(AudioSettings(), None, untrained=True).name == "embedded"
    with pytest.raises(ConfigurationError, match="bundle"):
        load_audio_encoder(AudioSettings(), None)
