from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from hoovik.audio.network import SpeechNet
from hoovik.layout import AUDIO_DIM
from hoovik.weights import load_weights


class EmbeddedAudioEncoder:
    """The small encoder whose weights ship with the project.

    Weights are stored as float16 and computed with as float32.
    """

    name = "embedded"

    def __init__(self, network: SpeechNet, device: str = "cpu") -> None:
        self._network = network.eval().to(device)
        self._device = device

    @classmethod
    def from_file(cls, path: Path, device: str = "cpu") -> Self:
        """Load weights from a safetensors file.

        Raises:
            BundleError: no such file, no safetensors, or tensors of another network.
        """
        network = SpeechNet()
        load_weights(network, path, "audio encoder")
        return cls(network, device)

    @classmethod
    def untrained(cls, seed: int, device: str = "cpu") -> Self:
        """Random weights of the shipped shapes."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return cls(SpeechNet(), device)

    def encode(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Encode (N, 9600) float32 windows at 16 kHz to (N, 1024) float32; N may be 0."""
        if len(windows) == 0:  # torch's Fourier transform refuses an empty batch
            return np.empty((0, AUDIO_DIM), np.float32)
        samples = torch.from_numpy(np.ascontiguousarray(windows, np.float32))
        with torch.inference_mode():
            embeddings: NDArray[np.float32] = self._network(samples.to(self._device)).cpu().numpy()
        return embeddings
