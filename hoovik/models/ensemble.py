from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file

from hoovik.errors import BundleError
from hoovik.features.batch import FeatureBatch
from hoovik.features.sequence import SequenceBatch
from hoovik.models.anomaly import AnomalyGate
from hoovik.models.calibration import EnsembleCalibration
from hoovik.models.compiled import CompiledTransformer
from hoovik.models.fusion import Fusion
from hoovik.models.prediction import Prediction
from hoovik.models.transformer import EmotionTransformer
from hoovik.models.trees import TreeModel


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
    """Both models, their calibration and fusion, and the anomaly gate."""

    transformer: CompiledTransformer
    trees: TreeModel
    gate: AnomalyGate
    calibration: EnsembleCalibration
    fusion: Fusion

    def predict(self, features: FeatureBatch) -> list[Prediction]:
        """One prediction for each of N samples; an empty batch makes an empty list."""
        if not len(features):
            return []
        profiles = features.sequences.profiles
        by_transformer = self.calibration.transformer(
            self.transformer.logits(features.sequences), profiles
        )
        by_trees = self.calibration.trees(self.trees.logits(features.tree_columns), profiles)
        probs = self.fusion(by_transformer, by_trees, profiles)
        flags, scores = self.gate.judge(features)
        return [
            Prediction(row, bool(flag), float(score))
            for row, flag, score in zip(probs, flags, scores, strict=True)
        ]
