from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file

from hoovik.errors import BundleError
from hoovik.features.batch import FeatureBatch
from hoovik.features.sequence import PROFILES, SequenceBatch
from hoovik.models.anomaly import AnomalyGate
from hoovik.models.calibration import EnsembleCalibration
from hoovik.models.compiled import CompiledTransformer
from hoovik.models.fusion import Fusion
from hoovik.models.linear import LinearModel
from hoovik.models.prediction import Prediction
from hoovik.models.probability import with_prior
from hoovik.models.transformer import EmotionTransformer
from hoovik.models.trees import TreeModel
from hoovik.schema.emotion import MEETING_PRIOR


def load_transformer(path: Path) -> EmotionTransformer:
    """Load `transformer.safetensors`, stored in half or single precision, for inference."""
    model = EmotionTransformer()
    state = {name: tensor.float() for name, tensor in load_file(path).items()}
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        raise BundleError(f"{path.name} does not fit the transformer: {error}") from error
    return model.eval()


def transformer_logits(model: EmotionTransformer, batch: SequenceBatch) -> NDArray[np.float32]:
    """Logits (N, 6) float32 of the fused head."""
    with torch.inference_mode():
        outputs = model(
            torch.from_numpy(batch.audio),
            torch.from_numpy(batch.face),
            torch.from_numpy(batch.audio_mask),
            torch.from_numpy(batch.face_mask),
        )
        logits: NDArray[np.float32] = outputs.logits.numpy()
    return logits


@dataclass(frozen=True, slots=True)
class Ensemble:
    """The members, their calibration and fusion, and the anomaly gate.

    Attributes:
        prior: class frequencies of where the predictions are told.
    """

    transformer: CompiledTransformer
    trees: TreeModel
    linear: LinearModel
    gate: AnomalyGate
    calibration: EnsembleCalibration
    fusion: Fusion
    prior: tuple[float, ...] = MEETING_PRIOR

    def predict(self, features: FeatureBatch) -> list[Prediction]:
        """One prediction for each of N samples; an empty batch makes an empty list."""
        if not len(features):
            return []
        profiles = features.sequences.profiles
        fused = self.fusion(self.calibration(self.member_logits(features), profiles), profiles)
        told = with_prior(fused, self.fusion.prior, self.prior).astype(np.float32)
        return [
            Prediction(row, float(score), self.fusion.pool(PROFILES[profile]).least)
            for row, score, profile in zip(told, self.gate.judge(features), profiles, strict=True)
        ]

    def member_logits(self, features: FeatureBatch) -> NDArray[np.float32]:
        """Logits (3, N, 6) float32 of `MEMBERS`."""
        return np.stack(
            [
                self.transformer.logits(features.sequences),
                self.trees.logits(features.tree_columns),
                self.linear.logits(features.sequences),
            ]
        )
