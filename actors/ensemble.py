from actors.models import load_ensemble
from actors.process import limit_threads
from hoovik.features.batch import FeatureBatch
from hoovik.models.prediction import Prediction
from hoovik.settings import Settings


class EnsembleActor:
    """Owns transformer, trees, forests, calibration and fusion of a bundle."""

    def __init__(self, settings: Settings) -> None:
        limit_threads(settings.serve.threads)
        self._ensemble = load_ensemble(settings)

    def predict(self, features: list[FeatureBatch]) -> list[Prediction]:
        """Calibrated answers, in one batch."""
        return list(self._ensemble.predict(FeatureBatch.concatenate(features)))
