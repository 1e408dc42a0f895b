from actors.feature_engineering import FeatureEngineeringActor
from actors.workers import Answer
from deployments.pool import Pool
from hoovik.features.batch import FeatureBatch
from hoovik.features.sequence import Sequence
from hoovik.settings import Settings

MAX_BATCH = 16


class FeatureEngineering(Pool[Sequence, FeatureBatch]):
    """Pool of feature engineers."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(FeatureEngineeringActor(settings).engineer, MAX_BATCH, settings)

    async def engineer(
        self, sequences: list[Sequence], trace: str | None = None
    ) -> Answer[list[FeatureBatch]]:
        """Columns of sequences, a batch of one for each."""
        return await self._ask(sequences, trace)
