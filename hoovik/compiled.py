import warnings
from typing import TypeVar

import torch
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)

WARM_UP = 3
"""Calls that a compiled network takes to settle."""


def compiled(
    network: nn.Module, *example: Tensor, rearrange: bool = True
) -> torch.jit.ScriptModule:
    """A network for inference on batches of any size, rid of most of what torch does between layers.

    Args:
        network: in evaluation mode; keeps its weights.
        example: what it is called with. Sizes other than the first are constant from then on.
        rearrange: whether the weights are laid out anew too, for the processor at hand.
    """
    with torch.inference_mode(), warnings.catch_warnings():
        # Their successor wants a C++ compiler on every machine that serves; and the sizes that
        # tracing takes for constants are constant.
        warnings.simplefilter("ignore")
        frozen = torch.jit.freeze(torch.jit.trace(network.eval(), example, check_trace=False))
        if rearrange:
            frozen = torch.jit.optimize_for_inference(frozen)
        for _ in range(WARM_UP):
            frozen(*example)
    module: torch.jit.ScriptModule = frozen
    return module


def channels_last(network: Network) -> Network:
    """The same network, its images kept with all channels of a pixel side by side."""
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]
