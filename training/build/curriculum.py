"""The order in which the transformer meets its samples: pairs first, then anything live may send."""

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of the curriculum.

    Attributes:
        name: A, B or C.
        epochs: at most; early stopping may end the phase before.
        learning_rate: of AdamW, reached at the end of the warm-up and lowered along a cosine.
        final_rate: share of it that is left in the last epoch.
        single_share: share of samples of one modality, half voices and half faces.
        mixup_share, mixup_alpha: share of batches mixed up, and the Beta parameter.
        modality_dropout: share of pairs that lose one modality.
        patience: epochs without a lower validation loss after which the phase ends.
        averaged: whether the weights are averaged over the epochs (SWA).
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    name: str
    epochs: int
    learning_rate: float
    final_rate: float
    single_share: float = 0.0
    mixup_share: float = 0.0
    mixup_alpha: float = 0.167
    modality_dropout: float = 0.0
    patience: int = 12
    averaged: bool = False


PHASE_A = Phase("A", 15, learning_rate=6e-4, final_rate=1.0)
PHASE_B = Phase(
    "B",
    40,
    learning_rate=6e-4,
    final_rate=0.1,
    single_share=0.5,
    mixup_share=0.22,
    modality_dropout=0.068,
)
PHASE_C = Phase(
    "C",
    35,
    learning_rate=6e-5,
    final_rate=1.0,
    single_share=0.5,
    mixup_share=0.22,
    modality_dropout=0.068,
    averaged=True,
)


@dataclass(frozen=True, slots=True)
class Curriculum:
    """How the transformer is trained.

    Attributes:
        phases: in their order; epochs 1-15, 16-55 and 56-90.
        batches: of `batch` samples, in each epoch.
        audio_scale_floor: least deviation by which a dimension of an embedding is divided. Half of
            wav2vec2's deviate by less than 3e-4.
        auxiliary: weight of the loss of each modality's own head.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    phases: tuple[Phase, ...] = (PHASE_A, PHASE_B, PHASE_C)
    batches: int = 24
    batch: int = 64
    weight_decay: float = 0.02
    label_smoothing: float = 0.078
    gradient_clip: float = 1.0
    warm_up: int = 100
    auxiliary: float = 0.3
    audio_scale_floor: float = 1e-3
