"""EmotionTransformer: voice and face as two streams that read each other.

A masked step is replaced by zeros on entry and hidden from every attention, so what it holds cannot
reach the output. Each stream begins with a learned token that is never masked: it says which
modality the stream is, gathers it for the auxiliary head, and gives attention something to rest on
where the modality is wholly absent (Vaswani et al. 2017; pre-norm after Xiong et al. 2020).
"""

from dataclasses import asdict, dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 - the name the field gives it
from torch import Tensor, nn

from hoovik.layout import AUDIO_DIM, FACE_DIM, SEQ_LEN
from hoovik.schema.emotion import EMOTIONS


@dataclass(frozen=True, slots=True)
class TransformerConfig:
    """Sizes of the network; the streams together are `d_model` wide."""

    d_model: int = 256
    heads: int = 8
    layers: int = 3
    feed_forward: int = 768
    dropout: float = 0.152

    @property
    def stream(self) -> int:
        """Width of one stream."""
        return self.d_model // 2

    def as_dict(self) -> dict[str, float]:
        """The sizes, for a manifest."""
        return asdict(self)


class Outputs(NamedTuple):
    """Logits (N, 6) of the fused head and of one auxiliary head per modality.

    The auxiliary logits of an absent modality are finite and mean nothing.
    """

    logits: Tensor
    audio_logits: Tensor
    face_logits: Tensor


class GatedProjection(nn.Module):
    """Standardised features to stream width, each channel opened or shut by a gate."""

    mean: Tensor
    scale: Tensor

    def __init__(self, features: int, width: int, dropout: float) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("scale", torch.ones(features))
        self.value = nn.Linear(features, width)
        self.gate = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, features: Tensor) -> Tensor:
        """Project features (N, T, D) to (N, T, W)."""
        value = self.value((features - self.mean) / self.scale)  # (N, T, W)
        gated = self.norm(F.gelu(value) * torch.sigmoid(self.gate(value)))  # (N, T, W)
        dropped: Tensor = self.dropout(gated)
        return dropped


class TemporalStem(nn.Module):
    """Convolution over three neighbouring steps, added to its input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(width, width, kernel_size=3, padding=1, groups=width)
        self.mix = nn.Linear(width, width)

    def forward(self, steps: Tensor, valid: Tensor) -> Tensor:
        """Mix steps (N, T, W) with their neighbours; valid (N, T, 1) hides some."""
        steps = steps * valid  # (N, T, W); a masked step has nothing to give to its neighbours
        convolved = self._convolve(steps)  # (N, T, W)
        mixed: Tensor = self.mix(F.gelu(convolved))  # (N, T, W)
        return steps + mixed

    def _convolve(self, steps: Tensor) -> Tensor:
        # Each channel by itself, three weights: torch's convolution takes longer to begin than
        # these sums take altogether.
        before, at, after = self.conv.weight[:, 0].unbind(1)  # (W,) each
        padded = F.pad(steps, (0, 0, 1, 1))  # (N, T + 2, W)
        summed: Tensor = padded[:, :-2] * before + steps * at + padded[:, 2:] * after
        return summed if self.conv.bias is None else summed + self.conv.bias


class Attention(nn.Module):
    """Multi-head attention of one sequence over another, or over itself."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def forward(self, queries: Tensor, memory: Tensor, visible: Tensor) -> Tensor:
        """Read memory (N, T', W) where visible (N, T') with queries (N, T, W)."""

        def by_head(tensor: Tensor) -> Tensor:
            batch, steps, width = tensor.shape
            split = tensor.view(batch, steps, self.heads, width // self.heads)
            return split.transpose(1, 2)  # (N, H, T, W/H)

        key, value = self.key_value(memory).chunk(2, dim=-1)  # (N, T', W) each
        attended = F.scaled_dot_product_attention(
            by_head(self.query(queries)),
            by_head(key),
            by_head(value),
            attn_mask=visible[:, None, None, :],  # (N, 1, 1, T')
            dropout_p=self.dropout if self.training else 0.0,
        )
        joined: Tensor = self.out(attended.transpose(1, 2).flatten(2))  # (N, T, W)
        return joined


class EncoderLayer(nn.Module):
    """Self-attention and feed-forward, each normalised before and added after."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        width = config.stream
        self.attention_norm = nn.LayerNorm(width)
        self.attention = Attention(width, config.heads, config.dropout)
        self.forward_norm = nn.LayerNorm(width)
        self.feed_forward = nn.Sequential(
            nn.Linear(width, config.feed_forward),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.feed_forward, width),
        )
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, steps: Tensor, visible: Tensor) -> Tensor:
        """Relate steps (N, T, W) to those that are visible (N, T)."""
        normed = self.attention_norm(steps)
        steps = steps + self.dropout(self.attention(normed, normed, visible))
        forwarded: Tensor = self.dropout(self.feed_forward(self.forward_norm(steps)))
        return steps + forwarded


class Stream(nn.Module):
    """One modality from features to contextual steps, its token in front."""

    def __init__(self, features: int, config: TransformerConfig) -> None:
        super().__init__()
        width = config.stream
        self.projection = GatedProjection(features, width, config.dropout)
        self.stem = TemporalStem(width)
        self.token = nn.Parameter(0.02 * torch.randn(width))
        self.positions = nn.Parameter(0.02 * torch.randn(SEQ_LEN, width))
        self.layers = nn.ModuleList(EncoderLayer(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        """Token and steps (N, 11, W) of features (N, 10, D), where the mask (N, 10) is true."""
        valid = mask.unsqueeze(-1)  # (N, 10, 1)
        features = torch.where(valid, features, 0.0)  # (N, 10, D)
        steps = self.stem(self.projection(features), valid) + self.positions  # (N, 10, W)
        token = self.token.expand(steps.shape[0], 1, -1)  # (N, 1, W)
        steps = torch.cat([token, steps], dim=1)  # (N, 11, W)
        visible = with_token(mask)  # (N, 11)
        for layer in self.layers:
            steps = layer(steps, visible)
        normed: Tensor = self.norm(steps)
        return normed


class AttentionPooling(nn.Module):
    """Weighted mean over the visible steps, the weights learned."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.score = nn.Linear(width, 1)

    def forward(self, steps: Tensor, visible: Tensor) -> Tensor:
        """Pool steps (N, T, W) where visible (N, T) to (N, W)."""
        scores = self.score(steps).squeeze(-1)  # (N, T)
        weights = scores.masked_fill(~visible, -torch.inf).softmax(dim=1)
        return torch.bmm(weights.unsqueeze(1), steps).squeeze(1)  # (N, W)


class EmotionTransformer(nn.Module):
    """Expressed emotion of a sequence of voice and face features."""

    def __init__(self, config: TransformerConfig | None = None) -> None:
        super().__init__()
        self.config = config or TransformerConfig()
        width, heads, dropout = self.config.stream, self.config.heads, self.config.dropout
        self.audio = Stream(AUDIO_DIM, self.config)
        self.face = Stream(FACE_DIM, self.config)
        self.audio_reads_face = Attention(width, heads, dropout)
        self.face_reads_audio = Attention(width, heads, dropout)
        self.cross_gate = nn.Parameter(torch.zeros(2))
        self.audio_pooling = AttentionPooling(width)
        self.face_pooling = AttentionPooling(width)
        self.head = nn.Sequential(
            nn.LayerNorm(2 * width),
            nn.Linear(2 * width, width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(width, len(EMOTIONS)),
        )
        self.audio_head = nn.Linear(width, len(EMOTIONS))
        self.face_head = nn.Linear(width, len(EMOTIONS))

    def forward(
        self, audio: Tensor, face: Tensor, audio_mask: Tensor, face_mask: Tensor
    ) -> Outputs:
        """Logits of N sequences.

        Args:
            audio: (N, 10, 1024) float32.
            face: (N, 10, 326) float32.
            audio_mask: (N, 10) bool, true where valid; may be false throughout.
            face_mask: (N, 10) bool, likewise.
        """
        heard = self.audio(audio, audio_mask)  # (N, 11, W)
        seen = self.face(face, face_mask)  # (N, 11, W)
        return Outputs(
            self.fused(heard, seen, with_token(audio_mask), with_token(face_mask)),
            self.audio_head(heard[:, 0]),
            self.face_head(seen[:, 0]),
        )

    def fused(self, heard: Tensor, seen: Tensor, heard_mask: Tensor, seen_mask: Tensor) -> Tensor:
        """Logits (N, 6) of both streams (N, 11, W), which of whose steps (N, 11) are visible."""
        gate_audio, gate_face = torch.sigmoid(self.cross_gate)
        crossed_audio = heard + gate_audio * self.audio_reads_face(heard, seen, seen_mask)
        crossed_face = seen + gate_face * self.face_reads_audio(seen, heard, heard_mask)
        pooled = torch.cat(
            [
                self.audio_pooling(crossed_audio, heard_mask),
                self.face_pooling(crossed_face, seen_mask),
            ],
            dim=1,
        )  # (N, 2 W)
        logits: Tensor = self.head(pooled)
        return logits


def with_token(mask: Tensor) -> Tensor:
    """Which of a stream's token and steps (N, 11) are visible, of steps (N, 10): the token is."""
    return F.pad(mask, (1, 0), value=True)
