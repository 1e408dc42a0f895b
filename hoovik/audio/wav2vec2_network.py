from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from hoovik.audio.transformer import Place, TransformerLayer, at_work
from hoovik.layout import WINDOW_SAMPLES

FRAMES = 29
"""That a window becomes."""

WINDOWS_IN_CACHE = 2
"""The first layers' frames take megabytes a window; those of so many stay near a core."""


class Wav2Vec2Network(nn.Module):
    """wav2vec 2.0 for windows of one length, from a waveform to the mean of its hidden states.

    The network of transformers' `Wav2Vec2Model` with layer norms throughout
    (`feat_extract_norm="layer"`, `do_stable_layer_norm=True`), for inference alone. Frames lie
    along the rows of each matrix, so that every convolution but the positional one is a product
    with the frames' overlapping pieces and nothing is transposed between them. In 16-bit types,
    sums within a product, means and variances, softmax, the weights' normalisation and the mean
    over time are still of 32 bits. Paper: Baevski et al. 2020, "wav2vec 2.0".
    """

    def __init__(self, model: Any, dtype: torch.dtype, device: torch.device | str = "cpu") -> None:
        """Copy the weights of a `Wav2Vec2Model` in float32 to a type and a device."""
        super().__init__()
        self.dtype = dtype
        place = Place(dtype, device)
        extractor = model.feature_extractor.conv_layers
        frames = WINDOW_SAMPLES
        for layer in extractor:
            frames = (frames - layer.conv.kernel_size[0]) // layer.conv.stride[0] + 1
        self.features = nn.ModuleList(FeatureLayer(layer, place) for layer in extractor)
        projection, encoder = model.feature_projection, model.encoder
        self.feature_norm = place.norm(projection.layer_norm)
        self.projection = place.linear(projection.projection)
        self.positions = PositionalConvolution(encoder.pos_conv_embed.conv, frames, place)
        self.layers = nn.ModuleList(transformer_layer(layer, place) for layer in encoder.layers)
        self.norm = place.norm(encoder.layer_norm)

    def forward(self, windows: Tensor) -> Tensor:
        """(N, 9600) float32, each of zero mean and unit variance, to (N, width) float32."""
        frames = self.projection(self.feature_norm(self._extract(windows.to(self.dtype))))
        hidden = frames + self.positions(frames)  # (N, 29, 1024)
        for layer in self.layers:
            hidden = layer(hidden)
        embeddings: Tensor = self.norm(hidden).mean(dim=1, dtype=torch.float32)
        return embeddings

    def _extract(self, windows: Tensor) -> Tensor:
        """(N, 9600) samples to (N, 29, 512) frames."""
        at_once = WINDOWS_IN_CACHE if windows.is_cpu else len(windows)
        extracted = []
        for frames in windows[:, :, None].split(at_once):
            for layer in self.features:
                frames = layer(frames)  # noqa: PLW2901
            extracted.append(frames)
        return torch.cat(extracted)


class FeatureLayer(nn.Module):
    """A strided convolution over time, a layer norm and a GELU."""

    def __init__(self, layer: Any, place: Place) -> None:
        super().__init__()
        self.kernel, self.stride = layer.conv.kernel_size[0], layer.conv.stride[0]
        weight = layer.conv.weight.transpose(1, 2).flatten(1)  # (outputs, kernel * inputs)
        bias = layer.conv.bias
        self.convolution = place.product(
            weight, weight.new_zeros(len(weight)) if bias is None else bias
        )
        self.norm = place.norm(layer.layer_norm)

    def forward(self, frames: Tensor) -> Tensor:
        """(N, T, inputs) to (N, T', outputs)."""
        pieces = frames.unfold(1, self.kernel, self.stride)  # (N, T', inputs, kernel)
        return functional.gelu(self.norm(self.convolution(pieces.transpose(2, 3).flatten(2))))


class PositionalConvolution(nn.Module):
    """A grouped convolution over time, which tells a frame where it stands, and a GELU.

    Its kernel of 128 is longer than the 29 frames of a window: taps that would only ever meet
    padding are left out, more than half of them.
    """

    weight: Tensor
    bias: Tensor

    def __init__(self, convolution: Any, frames: int, place: Place) -> None:
        super().__init__()
        kernel, self.groups = convolution.kernel_size[0], convolution.groups
        first, last = max(0, kernel // 2 - (frames - 1)), min(kernel, kernel // 2 + frames)
        self.padding = kernel // 2 - first
        weight = place(
            convolution.weight[:, :, None, first:last]
        )  # (width, width / groups, 1, taps)
        self.register_buffer("weight", weight.contiguous(memory_format=torch.channels_last))
        self.register_buffer("bias", place(convolution.bias))

    def forward(self, frames: Tensor) -> Tensor:
        """(N, T, width) to (N, T, width)."""
        # Of one row and in channels-last, frames stay as they lie; a convolution in one dimension
        # would turn them round.
        picture = frames.transpose(1, 2)[:, :, None]  # (N, width, 1, T)
        positions = functional.conv2d(
            picture, self.weight, self.bias, padding=(0, self.padding), groups=self.groups
        )
        # A kernel of even length is padded by one frame more than it needs.
        return functional.gelu(positions[:, :, 0, : frames.shape[1]].transpose(1, 2))


def transformer_layer(layer: Any, place: Place) -> TransformerLayer:
    """A layer like one of a `Wav2Vec2Model`."""
    feed_forward = layer.feed_forward
    return TransformerLayer(
        layer.attention,
        layer.layer_norm,
        feed_forward.intermediate_dense,
        feed_forward.output_dense,
        layer.final_layer_norm,
        place,
    )


def one_layer(
    model: Any, dtype: torch.dtype, device: torch.device | str = "cpu"
) -> Callable[[], Tensor]:
    """The first transformer layer at work on four windows, to time a type by.

    Twelve such layers are three quarters of the work.
    """
    return at_work(transformer_layer(model.encoder.layers[0], Place(dtype, device)), FRAMES)
