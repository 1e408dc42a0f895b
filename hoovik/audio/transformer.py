from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from hoovik.audio.packed import PackedLinear


class Place:
    """Copies weights to a type and a device, and makes layers of them there."""

    def __init__(self, dtype: torch.dtype, device: torch.device | str) -> None:
        self.dtype, self.device = dtype, device

    def __call__(self, weights: Tensor) -> Tensor:
        """The weights there."""
        # Always copied: one tensor shared would keep the whole file of a checkpoint mapped.
        return weights.detach().to(self.device, self.dtype, copy=True)

    def product(self, weight: Tensor, bias: Tensor) -> PackedLinear:
        """A linear layer of (outputs, inputs) weights and (outputs,) biases."""
        return PackedLinear(weight, bias, self.dtype, self.device)

    def linear(self, *layers: nn.Linear) -> PackedLinear:
        """Layers that read the same input, as one."""
        weight = torch.cat([layer.weight for layer in layers])
        biases: list[Tensor] = [
            layer.weight.new_zeros(layer.out_features) if layer.bias is None else layer.bias
            for layer in layers
        ]
        return self.product(weight, torch.cat(biases))

    def norm(self, norm: nn.LayerNorm) -> nn.LayerNorm:
        """A layer norm like the given one."""
        moved = nn.LayerNorm(norm.normalized_shape, norm.eps, device="meta")
        moved.weight = nn.Parameter(self(norm.weight), requires_grad=False)
        moved.bias = nn.Parameter(self(norm.bias), requires_grad=False)
        return moved


class TransformerLayer(nn.Module):
    """Self-attention and a feed-forward network, each after a layer norm and beside a residual.

    Args:
        attention: transformers' module, with `q_proj`, `k_proj`, `v_proj` and `out_proj`.
        attention_norm: before it.
        widen: first layer of the feed-forward network.
        narrow: its second one.
        feed_forward_norm: before them.
        place: of the weights.
    """

    def __init__(
        self,
        attention: Any,
        attention_norm: nn.LayerNorm,
        widen: nn.Linear,
        narrow: nn.Linear,
        feed_forward_norm: nn.LayerNorm,
        place: Place,
    ) -> None:
        super().__init__()
        self.attention_norm = place.norm(attention_norm)
        # One product in the place of three.
        self.queries_keys_values = place.linear(
            attention.q_proj, attention.k_proj, attention.v_proj
        )
        self.heads = attention.num_heads
        self.out = place.linear(attention.out_proj)
        self.feed_forward_norm = place.norm(feed_forward_norm)
        self.widen = place.linear(widen)
        self.narrow = place.linear(narrow)

    def forward(self, hidden: Tensor, newest: int = 0) -> Tensor:
        """(N, T, width) to (N, T, width); with `newest`, only so many frames at the end of it."""
        context = self._attend(self.attention_norm(hidden), newest)
        hidden = hidden[:, -newest:] + self.out(context)
        wide = functional.gelu(self.widen(self.feed_forward_norm(hidden)))  # (N, T, 4 width)
        narrow: Tensor = self.narrow(wide)
        return hidden + narrow

    def _attend(self, hidden: Tensor, newest: int) -> Tensor:
        n, frames, width = hidden.shape
        heads = (n, frames, 3, self.heads, width // self.heads)
        queries, keys, values = (
            self.queries_keys_values(hidden).view(heads).permute(2, 0, 3, 1, 4).unbind(0)
        )  # (N, heads, T, width / heads) each
        queries = queries[:, :, -newest:]
        if hidden.is_cuda:
            context = functional.scaled_dot_product_attention(queries, keys, values)
        else:
            # On so few frames the fused kernel is slower than its parts, and so is a softmax in
            # bfloat16 than the exact one.
            scores = queries @ keys.transpose(2, 3) * (width // self.heads) ** -0.5
            shares = torch.softmax(scores, dim=3, dtype=torch.float32).to(hidden.dtype)
            context = shares @ values
        return context.transpose(1, 2).flatten(2)


def at_work(layer: TransformerLayer, frames: int) -> Callable[[], Tensor]:
    """A layer at work on four windows of some frames, to time a type by."""
    norm = layer.attention_norm.weight
    hidden = torch.linspace(-1, 1, 4 * frames * len(norm)).view(4, frames, len(norm))
    return partial(layer, hidden.to(norm.device, norm.dtype))
