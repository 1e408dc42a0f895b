"""What a bundle says at each tick, and of each clip as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from hoovik.features.anomaly import FORESTS, choose_forests
from hoovik.features.sequence import SequenceBatch
from hoovik.features.transform import FeatureTransform
from hoovik.models.bundle import Bundle
from hoovik.models.ensemble import Ensemble
from hoovik.models.fusion import MEMBERS
from hoovik.models.probability import softmax
from hoovik.schema.emotion import EMOTIONS
from hoovik.settings import SessionSettings
from training.evaluation.ticks import Tick

CHUNK_TICKS = 256
"""Sequences at a time: their 17,601 columns would fill the memory otherwise."""

ALPHA = SessionSettings().anomaly_alpha

Probs = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TickPredictions:
    """What is said at T ticks.

    Attributes:
        calibrated: (T, 6), calibrated and fused, at the bundle's prior.
        uncalibrated: (T, 6), the softmax of all members, their mean with the same weights.
        members: (T, 3, 6), calibrated, each of `MEMBERS` alone.
        anomaly: (T,) bool, whether the tick is flagged as unusual, with the default setting.
        anomaly_score: (T,) float32, conformal p-values.
        own_forest: (T,) bool, whether the profile's own forest judged it, not the fallback.
    """

    calibrated: Probs
    uncalibrated: Probs
    members: Probs
    anomaly: NDArray[np.bool_]
    anomaly_score: NDArray[np.float32]
    own_forest: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class BundleModels:
    """The models of a bundle, loaded."""

    transform: FeatureTransform
    ensemble: Ensemble

    @classmethod
    def of(cls, bundle: Bundle) -> "BundleModels":
        """Load what an opened bundle holds."""
        return cls(bundle.load_transform(), bundle.load_ensemble())

    def predict(self, ticks: Sequence[Tick]) -> TickPredictions:
        """Predict at each of T ticks, in chunks; T may be 0."""
        parts = [
            self._chunk(ticks[start : start + CHUNK_TICKS])
            for start in range(0, len(ticks), CHUNK_TICKS)
        ] or [_NOTHING]
        return TickPredictions(
            *(
                np.concatenate([getattr(part, field.name) for part in parts])
                for field in fields(TickPredictions)
            )
        )

    def _chunk(self, ticks: Sequence[Tick]) -> TickPredictions:
        """The steps of `Ensemble.predict`, with what lies between them kept."""
        batch = SequenceBatch.stack([tick.sequence() for tick in ticks])
        features, profiles, ensemble = self.transform.apply(batch), batch.profiles, self.ensemble
        logits = ensemble.member_logits(features)
        members = ensemble.calibration(logits, profiles)
        scores = ensemble.gate.judge(features)
        fused = np.asarray(ensemble.fusion(members, profiles), np.float64)
        return TickPredictions(
            fused,
            ensemble.fusion.mean(np.stack([softmax(own) for own in logits]), profiles),
            members.transpose(1, 0, 2),
            scores < ALPHA,
            scores,
            choose_forests(batch) != FORESTS.index("global_fallback"),
        )


def mean_by_clip(values: Probs, ticks_by_clip: Sequence[int]) -> Probs:
    """Mean over each clip's ticks: (N, C) of values (T, C), the clips end to end.

    Args:
        values: at each tick.
        ticks_by_clip: N numbers of ticks, none of them 0, T in all.
    """
    counts = np.asarray(ticks_by_clip)
    if counts.sum() != len(values) or (counts < 1).any():
        raise ValueError(
            f"{len(values)} ticks for clips of {counts.sum()}; at least one for each clip expected"
        )
    starts = np.cumsum(counts) - counts
    return np.asarray(np.add.reduceat(values, starts, axis=0) / counts[:, None], np.float64)


_NO_PROBS: Probs = np.empty((0, len(EMOTIONS)))
_NOTHING = TickPredictions(
    calibrated=_NO_PROBS,
    uncalibrated=_NO_PROBS,
    members=np.empty((0, len(MEMBERS), len(EMOTIONS))),
    anomaly=np.empty(0, bool),
    anomaly_score=np.empty(0, np.float32),
    own_forest=np.empty(0, bool),
)
