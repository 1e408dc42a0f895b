"""Mixup of sequences and modality dropout."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hoovik.schema.emotion import EMOTIONS
from training.build.curriculum import Phase
from training.build.samples import SampleSet


@dataclass(slots=True)
class Batch:
    """What the transformer reads, and what it should say.

    Attributes:
        audio: (N, 10, 1024) float32.
        face: (N, 10, 326) float32.
        audio_mask: (N, 10) bool.
        face_mask: (N, 10) bool.
        targets: (N, 6) float32, what the sample shows.
    """

    audio: Tensor
    face: Tensor
    audio_mask: Tensor
    face_mask: Tensor
    targets: Tensor

    @classmethod
    def of(cls, samples: SampleSet) -> "Batch":
        """The tensors of a set of samples."""
        one_hot = torch.eye(len(EMOTIONS))
        return cls(
            torch.from_numpy(samples.sequences.audio),
            torch.from_numpy(samples.sequences.face),
            torch.from_numpy(samples.sequences.audio_mask),
            torch.from_numpy(samples.sequences.face_mask),
            one_hot[torch.from_numpy(samples.labels)],
        )


def drop_modalities(batch: Batch, share: float, rng: np.random.Generator) -> None:
    """Take one modality from a share of the pairs."""
    pairs = batch.audio_mask.any(dim=1) & batch.face_mask.any(dim=1)  # (N,)
    dropped = pairs & torch.from_numpy(rng.random(len(pairs)) < share)
    voiceless = torch.from_numpy(rng.random(len(pairs)) < 0.5)
    batch.audio_mask = batch.audio_mask & ~(dropped & voiceless)[:, None]
    batch.face_mask = batch.face_mask & ~(dropped & ~voiceless)[:, None]


def mix(batch: Batch, phase: Phase, rng: np.random.Generator) -> None:
    """Mixup (Zhang et al. 2018) of samples with the same modalities.

    A step that the partner lacks stays as it is: zeros stand for absence, and half of an absent
    voice is no quieter voice.
    """
    if rng.random() >= phase.mixup_share:
        return
    share = float(rng.beta(phase.mixup_alpha, phase.mixup_alpha))
    share = max(share, 1 - share)
    order = _partners(batch, rng)
    for name in ("audio", "face"):
        values, mask = getattr(batch, name), getattr(batch, f"{name}_mask")
        shared = (mask & mask[order])[..., None]
        mixed = share * values + (1 - share) * values[order]
        setattr(batch, name, torch.where(shared, mixed, values))
    batch.targets = share * batch.targets + (1 - share) * batch.targets[order]


def _partners(batch: Batch, rng: np.random.Generator) -> Tensor:
    """(N,) a permutation that never leaves a group of samples with the same modalities."""
    kinds = (batch.audio_mask.any(dim=1) + 2 * batch.face_mask.any(dim=1).int()).numpy()
    order = np.arange(len(kinds))
    for kind in np.unique(kinds):
        members = np.flatnonzero(kinds == kind)
        order[members] = rng.permutation(members)
    return torch.from_numpy(order)
