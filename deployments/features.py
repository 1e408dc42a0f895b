from actors.feature_engineering import FeatureEngineeringActor
from deployments.batching import Batcher
from hoovik.features.batch import FeatureBatch
from hoovik.features.sequence import Sequence
from hoovik.settings import Settings

MAX_BATCH = 16


class FeatureEngineering:
    """Pool of feature engineers."""

    def __init__(self, settings: Settings) -> None:
        self._batcher = Batcher(FeatureEngineeringActor(settings).engineer, MAX_BATCH)

    async def engineer(self, sequence: Sequence) -> FeatureBatch:
        """Columns of one sequence, under 100 kB, which Ray sends inline."""
        return await self._batcher.ask(sequence)
