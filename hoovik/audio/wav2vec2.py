from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from hoovik.audio.checkpoint import verify, weights_file
from hoovik.audio.precision import choose_precision
from hoovik.audio.transfer import upload
from hoovik.audio.wav2vec2_network import Wav2Vec2Network, one_layer
from hoovik.errors import BundleError
from hoovik.layout import AUDIO_DIM, WINDOW_SAMPLES
from hoovik.settings import AudioEncoderName, Precision

WEIGHTS_FILES = ("model.safetensors", "pytorch_model.bin")
"""In order of preference; transformers reads the second with its weights-only unpickler."""

HEAD_PREFIXES = ("classifier.", "lm_head.", "projector.")
"""Heads over the base model, which a checkpoint may hold and this encoder leaves out."""

UNUSED_IN_INFERENCE = {"masked_spec_embed"}
"""The vector that stands for masked frames in training."""

VARIANT = {
    "feat_extract_norm": "layer",
    "do_stable_layer_norm": True,
    "feat_extract_activation": "gelu",
    "hidden_act": "gelu",
    "adapter_attn_dim": None,
}
"""What `Wav2Vec2Network` computes, in the words of a checkpoint's `config.json`."""

VARIANCE_FLOOR = 1e-7


class Wav2Vec2Encoder:
    """The reference encoder: wav2vec 2.0, large, robust, 12 layers, fine-tuned on MSP-Podcast.

    Input is brought to zero mean and unit variance per window, as the model's feature extractor
    does; output is the last hidden state's mean over time. Model: Wagner et al. 2023, "Dawn of
    the transformer era in speech emotion recognition", published as
    audeering/wav2vec2-large-robust-12-ft-emotion-msp-dim. Its weights are CC BY-NC-SA 4.0.
    """

    name: AudioEncoderName = "wav2vec2"
    context_samples = WINDOW_SAMPLES

    def __init__(self, model: Any, device: str = "cpu", precision: Precision = "float32") -> None:
        """Copy the weights of transformers' `Wav2Vec2Model`, which is in float32."""
        self._device = device
        self.dtype = choose_precision(
            precision, device, partial(one_layer, model, device=device), self.name
        )
        self._network = Wav2Vec2Network(model, self.dtype, device)

    @classmethod
    def from_pretrained(
        cls,
        source: str,
        sha256: str | None,
        device: str = "cpu",
        precision: Precision = "float32",
    ) -> Self:
        """Load from a local folder, or download by public name.

        Args:
            source: folder with `config.json` and weights, or a public name.
            sha256: digest that the weights file must have. There is no built-in pin: with None
                the file is used as it comes, and its digest is logged so that it can be pinned.
            device: where to compute, "cpu" or "cuda".
            precision: number type to compute in, or "auto".

        Raises:
            ConfigurationError: nothing usable at `source`.
            BundleError: weights of another digest, of another width than 1024, of another variant
                of the network, or incomplete.
        """
        from transformers import Wav2Vec2Model

        weights = weights_file(source, WEIGHTS_FILES, "audio.wav2vec2", beside="config.json")
        verify(weights, sha256, "audio.wav2vec2_sha256")
        try:
            loaded: Any = Wav2Vec2Model.from_pretrained(
                weights.parent,
                use_safetensors=weights.suffix == ".safetensors",
                output_loading_info=True,
                dtype=torch.float32,
            )
        except Exception as error:  # four libraries read these files, each with errors of its own
            raise BundleError(f"wav2vec2 weights {weights} cannot be loaded: {error}") from error
        model, report = loaded
        _require_complete(weights, report)
        if model.config.hidden_size != AUDIO_DIM:
            raise BundleError(
                f"{weights} makes {model.config.hidden_size}-d vectors; {AUDIO_DIM}-d expected"
            )
        _require_variant(weights, model.config)
        return cls(model, device, precision)

    @classmethod
    def untrained(cls, seed: int, device: str = "cpu", precision: Precision = "float32") -> Self:
        """Random weights in the published architecture, 165 million parameters."""
        from transformers import Wav2Vec2Config, Wav2Vec2Model

        config = Wav2Vec2Config(
            hidden_size=AUDIO_DIM,
            num_hidden_layers=12,
            num_attention_heads=16,
            intermediate_size=4096,
            feat_extract_norm="layer",
            conv_bias=True,
            do_stable_layer_norm=True,
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return cls(Wav2Vec2Model(config), device, precision)

    def encode(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Encode (N, 9600) float32 windows at 16 kHz to (N, 1024) float32; N may be 0."""
        if len(windows) == 0:
            return np.empty((0, AUDIO_DIM), np.float32)
        centred = windows - windows.mean(axis=1, keepdims=True)
        variance = np.square(centred).mean(axis=1, keepdims=True)
        normalised = centred / np.sqrt(variance + VARIANCE_FLOOR)
        with torch.inference_mode():
            embeddings: NDArray[np.float32] = (
                self._network(upload(normalised, self._device)).cpu().numpy()
            )
        return embeddings


def _require_variant(weights: Path, config: Any) -> None:
    for name, expected in VARIANT.items():
        if getattr(config, name) != expected:
            raise BundleError(
                f"{weights} is of another variant: {name} is {getattr(config, name)!r}; "
                f"{expected!r} expected"
            )


def _require_complete(weights: Path, report: dict[str, Any]) -> None:
    missing = sorted(set(report["missing_keys"]) - UNUSED_IN_INFERENCE)
    unexpected = sorted(
        key for key in report["unexpected_keys"] if not key.startswith(HEAD_PREFIXES)
    )
    for what, keys in (("lacks", missing), ("holds unknown", unexpected)):
        if keys:
            raise BundleError(f"{weights} {what} {keys[0]} and {len(keys) - 1} more tensors")
