"""What the transformer's training lowers."""

from torch import Tensor
from torch.nn import functional

from hoovik.models.transformer import Outputs
from training.build.curriculum import Curriculum
from training.build.mixing import Batch


def objective(outputs: Outputs, batch: Batch, how: Curriculum) -> Tensor:
    """Smoothed cross-entropy of the fused head, and of the heads whose modality is present."""
    loss = functional.cross_entropy(
        outputs.logits, batch.targets, label_smoothing=how.label_smoothing
    )
    for logits, mask in (
        (outputs.audio_logits, batch.audio_mask),
        (outputs.face_logits, batch.face_mask),
    ):
        present = mask.any(dim=1)
        if present.any():
            loss = loss + how.auxiliary * functional.cross_entropy(
                logits[present], batch.targets[present], label_smoothing=how.label_smoothing
            )
    return loss
