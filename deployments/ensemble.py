from actors.ensemble import EnsembleActor
from deployments.batching import Batcher
from hoovik.features.batch import FeatureBatch
from hoovik.models.prediction import Prediction
from hoovik.settings import Settings

MAX_BATCH = 16


class Ensemble:
    """Pool of ensembles."""

    def __init__(self, settings: Settings) -> None:
        self._batcher = Batcher(EnsembleActor(settings).predict, MAX_BATCH)

    async def predict(self, features: FeatureBatch) -> Prediction:
        """Answer to one sample."""
        return await self._batcher.ask(features)
