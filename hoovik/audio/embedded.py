from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from hoovik.audio.network import SpeechNet
from hoovik.errors import BundleError
from hoovik.layout import AUDIO_DIM


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
        try:
            tensors = load_file(path)
        except (OSError, SafetensorError) as error:
            raise BundleError(f"audio encoder weights {path} cannot be read: {error}") from error
        network = SpeechNet()
        expected = network.state_dict()
        shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
        wrong = sorted(
            name
            for name in expected.keys() | shapes.keys()
            if name not in expected or shapes.get(name) != tuple(expected[name].shape)
        )
        if wrong:
            raise BundleError(
                f"{path} holds weights of another network: {wrong[0]} is "
                f"{shapes.get(wrong[0], 'absent')}, expected "
                f"{tuple(expected[wrong[0]].shape) if wrong[0] in expected else 'absent'} "
                f"({len(wrong)} tensors differ)"
            )
        network.load_state_dict(tensors)
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


def save_network(network: SpeechNet, path: Path) -> None:
    """Write a network's weights as float16 safetensors, for `EmbeddedAudioEncoder.from_file`."""
    save_file(
        {
            name: tensor.half().contiguous() if tensor.is_floating_point() else tensor
            for name, tensor in network.state_dict().items()
        },
        path,
    )
