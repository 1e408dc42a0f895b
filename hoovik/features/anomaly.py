"""The 9,452 columns that anomaly detection reads: seven statistics of each dimension."""

import numpy as np
from numpy.typing import NDArray

from hoovik.features import statistics
from hoovik.features.sequence import PROFILES, SequenceBatch
from hoovik.features.statistics import ModalityStatistics, Statistics
from hoovik.layout import ANOMALY_DIM, AUDIO_DIM, FACE_DIM, SEQ_LEN
from hoovik.schema.emotion import Profile

STATISTICS = ("mean", "std", "min", "max", "iqr", "jitter", "change")
SPREAD_FLOOR = 1e-4
"""Of a spread, before its logarithm is taken: a picture that stands still is as far from a face that
sits still as that is from one that moves, which on a linear scale would look alike."""
FACE_COLUMNS = slice(0, FACE_DIM * len(STATISTICS))
AUDIO_COLUMNS = slice(FACE_COLUMNS.stop, FACE_COLUMNS.stop + AUDIO_DIM * len(STATISTICS))
FACE_RATIO = slice(AUDIO_COLUMNS.stop, AUDIO_COLUMNS.stop + 1)
AUDIO_RATIO = slice(FACE_RATIO.stop, ANOMALY_DIM)
assert AUDIO_RATIO.stop - AUDIO_RATIO.start == 1

FORESTS = (*(profile.value for profile in Profile), "global_fallback")
"""The four forests, in the order of the indices that `choose_forests` answers."""

MIN_VALID_STEPS = 3
"""With fewer valid steps of a modality, spreads and jitter say more about the length of the
sequence than about the person, and the forest of the profile would call every beginning unusual."""


def anomaly_columns(
    batch: SequenceBatch, known: ModalityStatistics | None = None
) -> NDArray[np.float32]:
    """Anomaly columns of N sequences, (N, 9452) float32, NaN where a modality is absent.

    Layout: the face block (326 x 7, statistic by statistic in the order of `STATISTICS`), the audio
    block (1,024 x 7), then the valid ratios of face and audio, which are never NaN. Spreads (std,
    IQR, jitter) are natural logarithms. `known` are the batch's statistics, where it has them.
    """
    known = known or ModalityStatistics.of(batch)
    return np.concatenate(
        [
            *_block(known.face),
            *_block(known.audio),
            statistics.coverage(batch.face_mask),
            statistics.coverage(batch.audio_mask),
        ],
        axis=1,
    )


def _block(modality: Statistics) -> tuple[NDArray[np.float32], ...]:
    return (
        modality.mean,
        _logarithm(modality.std),
        modality.low,
        modality.high,
        _logarithm(modality.interquartile_range),
        _logarithm(modality.jitter),
        modality.change,
    )


def _logarithm(spreads: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.log(np.maximum(spreads, np.float32(SPREAD_FLOOR)))


FULLER_STEPS = (MIN_VALID_STEPS, 6, 9)
COVERAGES = len(FULLER_STEPS) + 1
"""Groups of sequences by how many steps there are: under 3, 3 to 5, 6 to 8, 9 and 10."""


def coverages(batch: SequenceBatch) -> NDArray[np.intp]:
    """Group (N,) of each sequence, by the modality of its profile with the fewest valid steps."""
    has_face = np.array([profile.has_face for profile in PROFILES])[batch.profiles]
    has_audio = np.array([profile.has_audio for profile in PROFILES])[batch.profiles]
    fewest = np.minimum(
        np.where(has_face, batch.face_mask.sum(axis=1), SEQ_LEN),
        np.where(has_audio, batch.audio_mask.sum(axis=1), SEQ_LEN),
    )
    return np.asarray(np.digitize(fewest, FULLER_STEPS), np.intp)


def choose_forests(batch: SequenceBatch) -> NDArray[np.intp]:
    """Which forest judges each sequence, (N,) indices into `FORESTS`.

    The forest of the sequence's profile; `global_fallback` where a modality of the profile has
    fewer than `MIN_VALID_STEPS` valid steps, as just after joining or unmuting.
    """
    own = batch.profiles.astype(np.intp)
    return np.where(coverages(batch) == 0, FORESTS.index("global_fallback"), own)


def forest_parts(forest: str) -> tuple[slice, ...]:
    """Which of the 9,452 columns a forest reads, ascending.

    A profile's forest reads the modalities of its profile; `global_fallback` reads all, and takes
    those of an absent modality at their training mean.
    """
    if forest == Profile.AUDIO_ONLY:
        return AUDIO_COLUMNS, AUDIO_RATIO
    if forest == Profile.VIDEO_ONLY:
        return FACE_COLUMNS, FACE_RATIO
    return (slice(0, ANOMALY_DIM),)


def forest_columns(forest: str) -> NDArray[np.intp]:
    """The same, as indices."""
    return np.concatenate([np.arange(part.start, part.stop) for part in forest_parts(forest)])
