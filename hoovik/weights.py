import os
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from hoovik.errors import BundleError


def load_weights(network: nn.Module, path: Path, what: str) -> None:
    """Fill a network from a safetensors file; every tensor must be there, and no other.

    Args:
        network: whose shapes the file must have.
        path: of the file.
        what: whose weights these are, for the message.

    Raises:
        BundleError: no such file, no safetensors, or tensors of another network.
    """
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        raise BundleError(f"{what} weights {path} cannot be read: {error}") from error
    expected = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    wrong = sorted(
        name for name in expected.keys() | shapes.keys() if expected.get(name) != shapes.get(name)
    )
    if wrong:
        raise BundleError(
            f"{path} holds weights of another network: {wrong[0]} is "
            f"{shapes.get(wrong[0], 'absent')}, expected {expected.get(wrong[0], 'absent')} "
            f"({len(wrong)} tensors differ)"
        )
    network.load_state_dict(tensors)


def save_network(network: nn.Module, path: Path) -> None:
    """Write a network's weights as float16 safetensors, for `load_weights`; whole or not at all."""
    partial = path.with_suffix(f".{os.getpid()}")
    save_file(
        {
            name: tensor.half().contiguous() if tensor.is_floating_point() else tensor
            for name, tensor in network.state_dict().items()
        },
        partial,
    )
    partial.chmod(0o644)  # safetensors writes for its owner alone
    partial.replace(path)
