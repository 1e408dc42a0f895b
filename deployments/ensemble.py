from dataclasses import replace

from actors.ensemble import EnsembleActor
from actors.workers import Answer
from deployments.pool import Pool
from hoovik.features.batch import FeatureBatch
from hoovik.models.prediction import Prediction
from hoovik.settings import Settings

MAX_BATCH = 16


class Ensemble(Pool[FeatureBatch, Prediction]):
    """Pool of ensembles."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(EnsembleActor(settings).predict, MAX_BATCH, settings)

    async def predict(
        self, features: Answer[list[FeatureBatch]], trace: str | None = None
    ) -> Answer[list[Prediction]]:
        """Answers to samples, as the pool before answered; the time is that of both pools."""
        answer = await self._ask(features.value, trace)
        return replace(answer, work_s=features.work_s + answer.work_s)
