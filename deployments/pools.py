"""The model deployments: a worker class of `actors` in each replica, behind a `Batcher`."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Generic

import numpy as np
from numpy.typing import NDArray

from actors.audio_features import AudioFeatureActor
from actors.ensemble import EnsembleActor
from actors.feature_engineering import FeatureEngineeringActor
from actors.logs import set_up_logs
from actors.reporter import Reporter
from actors.tracing import set_up_tracing, span
from actors.workers import Answer, FaceAnswer, FaceRequest
from deployments.autoscaling import LoadReport
from deployments.batching import Batcher, Request, Value
from hoovik.features.batch import FeatureBatch
from hoovik.features.sequence import Sequence
from hoovik.models.prediction import Prediction
from hoovik.settings import Settings
from hoovik.telemetry.measures import Kind
from hoovik.telemetry.meter import Meter

FACE_BATCH = 8
SEQUENCE_BATCH = 16


class Replica(Generic[Request, Value]):
    """Base of the deployments: one replica of a pool with its batches, which reports how it fares.

    Args:
        work: answers a list of requests, in order.
        max_batch: longest list handed to `work`.
        settings: how long callers wait, and how often to report.
        lanes: batches computed at the same time.
    """

    def __init__(
        self,
        work: Callable[[list[Request]], list[Value]],
        max_batch: int,
        settings: Settings,
        lanes: int = 1,
    ) -> None:
        set_up_logs(settings.telemetry)
        set_up_tracing(settings.telemetry, type(self).__name__)
        meter = Meter()
        # Not by way of `self`: in a cycle of references `__del__` would come late.
        batcher = self._batcher = Batcher(work, max_batch, meter, settings.session.answer_s, lanes)
        self._load = LoadReport(lambda: batcher.waiting, lambda: batcher.busy_s)
        self._reporter = Reporter(Kind.POOL, type(self).__name__, meter, settings.telemetry)

    async def _ask(self, requests: list[Request], trace: str | None) -> Answer[list[Value]]:
        """Answers to requests, in order, as a part of a trace; one that fails fails all."""
        if not requests:
            return Answer([])
        with span(type(self).__name__, trace) as part:
            answers = await asyncio.gather(*(self._batcher.ask(one) for one in requests))
            work_s = max(answer.work_s for answer in answers)
            part.set_attribute("work_ms", 1000 * work_s)
            last = answers[-1]
            return Answer([one.value for one in answers], last.depth, work_s, last.each_s)

    def record_autoscaling_stats(self) -> dict[str, float]:
        """What Serve asks for where the pool scales with its load."""
        return self._load.take()

    def __del__(self) -> None:
        # Serve calls this when a replica ends in order; one that was killed just falls silent.
        self._reporter.close()


class AudioFeatures(Replica[NDArray[np.float32], NDArray[np.float32]]):
    """Pool of audio encoders."""

    def __init__(self, settings: Settings) -> None:
        actor = AudioFeatureActor(settings)
        super().__init__(actor.encode, actor.max_batch, settings, actor.lanes)

    async def encode(
        self, windows: list[NDArray[np.float32]], trace: str | None = None
    ) -> Answer[list[NDArray[np.float32]]]:
        """Embeddings (1024,) of windows (context_samples,)."""
        return await self._ask(windows, trace)


class FaceFeatures(Replica[FaceRequest, FaceAnswer]):
    """Pool of face encoders."""

    def __init__(self, settings: Settings) -> None:
        # It brings OpenCV, which no other process of a pool needs.
        from actors.face_features import FaceFeatureActor

        super().__init__(FaceFeatureActor(settings).encode, FACE_BATCH, settings)

    async def encode(
        self, requests: list[FaceRequest], trace: str | None = None
    ) -> Answer[list[FaceAnswer]]:
        """Faces in images."""
        return await self._ask(requests, trace)


class FeatureEngineering(Replica[Sequence, FeatureBatch]):
    """Pool of feature engineers."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(FeatureEngineeringActor(settings).engineer, SEQUENCE_BATCH, settings)

    async def engineer(
        self, sequences: list[Sequence], trace: str | None = None
    ) -> Answer[list[FeatureBatch]]:
        """Columns of sequences, a batch of one for each."""
        return await self._ask(sequences, trace)


class Ensemble(Replica[FeatureBatch, Prediction]):
    """Pool of ensembles."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(EnsembleActor(settings).predict, SEQUENCE_BATCH, settings)

    async def predict(
        self, features: Answer[list[FeatureBatch]], trace: str | None = None
    ) -> Answer[list[Prediction]]:
        """Answers to samples, as the pool before answered; the time is that of both pools."""
        answer = await self._ask(features.value, trace)
        return replace(answer, work_s=features.work_s + answer.work_s)
