import time
from dataclasses import replace

from actors.ensemble import EnsembleActor
from actors.workers import Answer
from deployments.pool import Pool
from hoovik.features.batch import FeatureBatch
from hoovik.models.prediction import Prediction
from hoovik.session.congestion import SharedQueueing
from hoovik.settings import Settings

MAX_BATCH = 16


class Ensemble(Pool[FeatureBatch, Prediction]):
    """Pool of ensembles."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(EnsembleActor(settings).predict, MAX_BATCH, settings)
        self._queueing = SharedQueueing(settings.session.tick_s)

    async def predict(
        self, features: Answer[list[FeatureBatch]], queueing: float, trace: str | None = None
    ) -> Answer[list[Prediction]]:
        """Answers to samples, as the pool before answered; the time is that of both pools.

        `queueing` is how long the asking room's steps queued lately, by how long they may. Each
        step comes by here, so here is where rooms learn of each other.
        """
        answer = await self._ask(features.value, trace)
        shared = self._queueing.tell(queueing, time.monotonic())
        return replace(answer, work_s=features.work_s + answer.work_s, queueing=shared)
