import numpy as np
from numpy.typing import NDArray

from actors.audio_features import AudioFeatureActor
from actors.ensemble import EnsembleActor
from actors.face_features import FaceFeatureActor
from actors.feature_engineering import FeatureEngineeringActor
from actors.workers import FaceAnswer, FaceRequest
from hoovik.features.batch import FeatureBatch
from hoovik.features.sequence import Sequence
from hoovik.models.prediction import Prediction
from hoovik.settings import Settings


class LocalWorkers:
    """The four workers of the service, in this process."""

    def __init__(self, settings: Settings) -> None:
        self._audio = AudioFeatureActor(settings)
        self._face = FaceFeatureActor(settings)
        self._features = FeatureEngineeringActor(settings)
        self._ensemble = EnsembleActor(settings)

    def encode_audio(self, windows: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """Embeddings (1024,) of windows (context_samples,)."""
        return self._audio.encode(windows)

    def encode_face(self, request: FaceRequest) -> FaceAnswer:
        """Face in an image."""
        (answer,) = self._face.encode([request])
        return answer

    def engineer(self, sequences: list[Sequence]) -> list[FeatureBatch]:
        """Columns of sequences."""
        return self._features.engineer(sequences)

    def predict(self, features: list[FeatureBatch]) -> list[Prediction]:
        """Answers of the models."""
        return self._ensemble.predict(features)
