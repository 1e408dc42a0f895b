import re
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from torch import Tensor

from hoovik.audio.checkpoint import verify, weights_file
from hoovik.audio.precision import choose_precision
from hoovik.audio.transfer import upload
from hoovik.audio.whisper_network import WhisperNetwork, one_layer
from hoovik.errors import BundleError
from hoovik.layout import AUDIO_DIM, CONTEXT_SAMPLES
from hoovik.settings import AudioEncoderName, Precision

WEIGHTS_FILE = "model.safetensors"

PREFIXES = ("model.encoder.", "encoder.")
"""Of the encoder's tensors in a whole model."""

CONVERTED = (
    (r"^layer_(\d+)", r"layers.\1"),
    (r"^position_encodings\.encodings$", "embed_positions.weight"),
    (r"\.self_attention\.layer_norm\.", ".self_attn_layer_norm."),
    (r"\.self_attention\.linear_0\.", ".self_attn.qkv_proj."),
    (r"\.self_attention\.linear_1\.", ".self_attn.out_proj."),
    (r"\.ffn\.layer_norm\.", ".final_layer_norm."),
    (r"\.ffn\.linear_0\.", ".fc1."),
    (r"\.ffn\.linear_1\.", ".fc2."),
    (r"\.gamma$", ".weight"),
    (r"\.beta$", ".bias"),
)
"""From the names of CTranslate2, in which converted weights are passed on, to the published ones."""


class WhisperAudioEncoder:
    """The encoder of Whisper tiny.en, which hears 2 s and describes the last 0.6 s.

    Input is brought to one level, then Whisper's log-mel; output are statistics of hidden states of
    two layers over the window's 30 frames, as `WhisperNetwork` says. Model: Radford et al. 2022,
    published as openai/whisper-tiny.en under the MIT licence.
    """

    name: AudioEncoderName = "whisper"
    context_samples = CONTEXT_SAMPLES["whisper"]

    def __init__(self, model: Any, device: str = "cpu", precision: Precision = "float32") -> None:
        """Copy the weights of transformers' `WhisperEncoder`, which is in float32."""
        self._device = device
        self.dtype = choose_precision(
            precision, device, partial(one_layer, model, device=device), self.name
        )
        self._network = WhisperNetwork(model, self.dtype, device)

    @classmethod
    def from_pretrained(
        cls,
        source: str,
        sha256: str | None,
        device: str = "cpu",
        precision: Precision = "float32",
    ) -> Self:
        """Load from a local file or folder, or download by public name.

        Args:
            source: safetensors file, a folder with `model.safetensors`, or a public name. Of a
                whole Whisper the encoder's tensors are read, by their published names or by those
                of CTranslate2's conversion.
            sha256: digest that the file must have; None: any, and it is logged.
            device: where to compute, "cpu" or "cuda".
            precision: number type to compute in, or "auto".

        Raises:
            ConfigurationError: nothing usable at `source`.
            BundleError: a file of another digest, no safetensors, or tensors of another network.
        """
        path = Path(source).expanduser()
        weights = path if path.is_file() else weights_file(source, [WEIGHTS_FILE], "audio.whisper")
        verify(weights, sha256, "audio.whisper_sha256")
        model = _tiny()
        _fill(model, weights)
        return cls(model, device, precision)

    @classmethod
    def untrained(cls, seed: int, device: str = "cpu", precision: Precision = "float32") -> Self:
        """Random weights of the published shapes, 7.6 million parameters."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return cls(_tiny(), device, precision)

    def encode(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Encode (N, 32000) float32 at 16 kHz to (N, 1024) float32; N may be 0."""
        if len(windows) == 0:
            return np.empty((0, AUDIO_DIM), np.float32)
        with torch.inference_mode():
            embeddings: NDArray[np.float32] = (
                self._network(upload(windows, self._device)).cpu().numpy()
            )
        return embeddings


def _tiny() -> Any:
    from transformers import WhisperConfig
    from transformers.models.whisper.modeling_whisper import WhisperEncoder

    return WhisperEncoder(WhisperConfig())  # its defaults are tiny's


def _fill(model: Any, weights: Path) -> None:
    try:
        tensors = _published(_encoder_tensors(weights))
    except (OSError, SafetensorError) as error:
        raise BundleError(f"Whisper weights {weights} cannot be read: {error}") from error
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise BundleError(f"{weights} is not the encoder of Whisper tiny: {error}") from error


def _encoder_tensors(weights: Path) -> dict[str, Tensor]:
    """The encoder's tensors of a file, by their names within it."""
    with safe_open(weights, "pt") as opened:
        names = list(opened.keys())
        for prefix in PREFIXES:
            own = [name for name in names if name.startswith(prefix)]
            if own:
                return {name.removeprefix(prefix): opened.get_tensor(name) for name in own}
        return {name: opened.get_tensor(name) for name in names}


def _published(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Tensors under their published names."""
    renamed: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        for pattern, published in CONVERTED:
            name = re.sub(pattern, published, name)  # noqa: PLW2901
        parts = (
            zip("qkv", tensor.chunk(3), strict=True) if "qkv_proj" in name else [("qkv", tensor)]
        )
        renamed |= {name.replace("qkv", one): part for one, part in parts}
    # Keys have no bias; conversion writes zeros.
    return {
        name: tensor
        for name, tensor in renamed.items()
        if not (name.endswith("k_proj.bias") and not tensor.any())
    }
