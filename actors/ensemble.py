from typing import TYPE_CHECKING

from actors.process import limit_threads
from hoovik.features.batch import FeatureBatch
from hoovik.models.bundle import open_bundle
from hoovik.models.prediction import Prediction
from hoovik.settings import Settings

if TYPE_CHECKING:
    from hoovik.models.ensemble import Ensemble


class EnsembleActor:
    """Owns transformer, trees, forests, calibration and fusion of a bundle."""

    def __init__(self, settings: Settings) -> None:
        limit_threads(settings.serve.threads)
        self._ensemble = load_ensemble(settings)

    def predict(self, features: list[FeatureBatch]) -> list[Prediction]:
        """Calibrated answers, in one batch."""
        return list(self._ensemble.predict(FeatureBatch.concatenate(features)))


def load_ensemble(settings: Settings) -> "Ensemble":
    """The ensemble of the bundle that the settings name, or a random one; raises BundleError."""
    if settings.untrained:
        from hoovik.models.untrained import untrained_ensemble

        return untrained_ensemble()
    return open_bundle(settings).load_ensemble(settings.session.prior)
