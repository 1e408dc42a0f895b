import torch
from torch import Tensor, nn
from torch.nn import functional


class PackedLinear(nn.Module):
    """A linear layer for inference, its weights laid out once in the way the processor wants them.

    On a CPU oneDNN multiplies bfloat16 matrices from a blocked layout. A plain matrix it lays out
    anew in every call, which costs as much as the product itself while the batch is small. The
    operators are those that torch's own compiler emits; in other types and on other devices, or
    where they are absent, this is `torch.nn.functional.linear`.
    """

    weight: Tensor
    bias: Tensor

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor,
        dtype: torch.dtype,
        device: torch.device | str = "cpu",
    ) -> None:
        """Copy (outputs, inputs) weights and an (outputs,) bias to a type and a device."""
        super().__init__()
        weight = weight.detach().to(device, dtype, copy=True)
        self._packed = weight.is_cpu and dtype == torch.bfloat16 and can_pack()
        if self._packed:
            weight = torch.ops.mkldnn._reorder_linear_weight(weight)
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias.detach().to(device, dtype, copy=True))

    def forward(self, rows: Tensor) -> Tensor:
        """(..., inputs) to (..., outputs), both of the layer's type."""
        if not self._packed:
            return functional.linear(rows, self.weight, self.bias)
        products: Tensor = torch.ops.mkldnn._linear_pointwise(
            rows, self.weight, self.bias, "none", [], ""
        )
        return products


def can_pack() -> bool:
    """Whether this torch and this processor multiply packed bfloat16 matrices."""
    operators = torch.ops.mkldnn
    needed = ("_is_mkldnn_bf16_supported", "_reorder_linear_weight", "_linear_pointwise")
    return (
        torch.backends.mkldnn.is_available()
        and all(hasattr(operators, name) for name in needed)
        and bool(operators._is_mkldnn_bf16_supported())
    )
