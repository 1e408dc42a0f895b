import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from hoovik.compiled import compiled
from hoovik.features.sequence import SequenceBatch
from hoovik.layout import AUDIO_DIM, FACE_DIM, SEQ_LEN
from hoovik.models.transformer import EmotionTransformer, Stream, with_token

EXAMPLE = 4
"""Sequences that it is compiled with; any number may follow."""


class CompiledTransformer:
    """An EmotionTransformer for inference: the same logits, with less between its layers.

    A stream reads only the sequences that have its modality: without any valid step, it says the
    same of all of them.
    """

    def __init__(self, model: EmotionTransformer) -> None:
        self._audio = _CompiledStream(model.audio, AUDIO_DIM)
        self._face = _CompiledStream(model.face, FACE_DIM)
        steps = torch.zeros(EXAMPLE, SEQ_LEN + 1, model.config.stream)
        visible = torch.ones(EXAMPLE, SEQ_LEN + 1, dtype=torch.bool)
        self._fused = compiled(_Fused(model), steps, steps, visible, visible)

    def logits(self, batch: SequenceBatch) -> NDArray[np.float32]:
        """Logits (N, 6) float32 of the fused head."""
        with torch.inference_mode():
            audio_mask = torch.from_numpy(batch.audio_mask)
            face_mask = torch.from_numpy(batch.face_mask)
            logits: NDArray[np.float32] = self._fused(
                self._audio(torch.from_numpy(batch.audio), audio_mask),
                self._face(torch.from_numpy(batch.face), face_mask),
                with_token(audio_mask),
                with_token(face_mask),
            ).numpy()
        return logits


class _CompiledStream:
    def __init__(self, stream: Stream, features: int) -> None:
        example = torch.zeros(EXAMPLE, SEQ_LEN, features)
        mask = torch.zeros(EXAMPLE, SEQ_LEN, dtype=torch.bool)
        self._stream = compiled(stream, example, mask)
        with torch.inference_mode():
            self._absent: Tensor = self._stream(example, mask)[:1]  # (1, 11, W)

    def __call__(self, features: Tensor, mask: Tensor) -> Tensor:
        present = mask.any(dim=1)
        if bool(present.all()):
            steps: Tensor = self._stream(features, mask)
            return steps
        steps = self._absent.repeat(len(mask), 1, 1)
        if bool(present.any()):
            steps[present] = self._stream(features[present], mask[present])
        return steps


class _Fused(nn.Module):
    def __init__(self, model: EmotionTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, heard: Tensor, seen: Tensor, heard_mask: Tensor, seen_mask: Tensor) -> Tensor:
        return self.model.fused(heard, seen, heard_mask, seen_mask)
