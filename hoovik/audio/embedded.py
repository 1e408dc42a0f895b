from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from hoovik.audio.network import SpeechNet
from hoovik.audio.precision import NAMED
from hoovik.audio.transfer import upload
from hoovik.layout import AUDIO_DIM, WINDOW_SAMPLES
from hoovik.settings import AudioEncoderName, Precision
from hoovik.weights import load_weights


class EmbeddedAudioEncoder:
    """The small encoder whose weights ship with the project.

    Weights are stored as float16 and computed with as float32, unless another type is asked for:
    16-bit ones would save a millisecond of a window, and "auto" leaves that for vectors that are
    the same on every machine.
    """

    name: AudioEncoderName = "embedded"
    context_samples = WINDOW_SAMPLES

    def __init__(
        self, network: SpeechNet, device: str = "cpu", precision: Precision = "float32"
    ) -> None:
        self._device = device
        self.dtype = torch.float32 if precision == "auto" else NAMED[precision]
        self._network = _for_inference(network, self.dtype).to(device)

    @classmethod
    def from_file(cls, path: Path, device: str = "cpu", precision: Precision = "float32") -> Self:
        """Load weights from a safetensors file.

        Raises:
            BundleError: no such file, no safetensors, or tensors of another network.
        """
        network = SpeechNet()
        load_weights(network, path, "audio encoder")
        return cls(network, device, precision)

    @classmethod
    def untrained(cls, seed: int, device: str = "cpu", precision: Precision = "float32") -> Self:
        """Random weights of the shipped shapes."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return cls(SpeechNet(), device, precision)

    def encode(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Encode (N, 9600) float32 windows at 16 kHz to (N, 1024) float32; N may be 0."""
        if len(windows) == 0:  # torch's Fourier transform refuses an empty batch
            return np.empty((0, AUDIO_DIM), np.float32)
        with torch.inference_mode():
            embeddings: NDArray[np.float32] = (
                self._network(upload(windows, self._device)).cpu().numpy()
            )
        return embeddings


def _for_inference(network: SpeechNet, dtype: torch.dtype) -> SpeechNet:
    """A copy whose convolutions have taken in the batch norms after them, in a type.

    In channels-last, as oneDNN multiplies: a fifth faster in batches, and alike for one window.
    """
    prepared = SpeechNet().eval()
    prepared.standardise.load_state_dict(network.standardise.state_dict())
    prepared.body = _folded(network.body, dtype)
    prepared.collapse = _folded(network.collapse, dtype)
    return prepared


def _folded(layers: nn.Sequential, dtype: torch.dtype) -> nn.Sequential:
    """Blocks of convolution, batch norm and ReLU as convolutions and ReLUs."""
    folded: list[nn.Module] = []
    for layer in layers.eval():
        if isinstance(layer, nn.BatchNorm2d):
            convolution = folded.pop()
            assert isinstance(convolution, nn.Conv2d)
            layer = fuse_conv_bn_eval(convolution, layer).to(dtype)  # noqa: PLW2901
            layer.weight.data = layer.weight.contiguous(memory_format=torch.channels_last)
        folded.append(layer)
    return nn.Sequential(*folded)
