"""A recording replayed in this process, without Ray."""

from collections.abc import Iterable
from math import inf

import numpy as np

from hoovik.features.baseline import Voices
from hoovik.media.meeting import ClientState
from hoovik.media.stream import ClipFrame, SoundPart
from hoovik.models.bundle import voices_of
from hoovik.settings import Settings
from replay.cells import cells_for
from replay.chunk import Change, RawResults
from replay.cutting import Cutter
from replay.playing import BatchWorkers, play_chunk
from replay.smoothing import smoothed
from replay.timeline import Results

ALWAYS = (Change(-inf, ClientState()),)


def replayed(
    parts: Iterable[SoundPart | ClipFrame],
    settings: Settings,
    workers: BatchWorkers,
    *,
    chunk_s: float = 30.0,
    changes: tuple[Change, ...] = ALWAYS,
    offset_s: float = 0.0,
    kinds: int = 2,
    voices: Voices | None = None,
) -> Results:
    """Results of a recording, chunk by chunk; without voices those of the settings' bundle count."""
    cutter = Cutter(
        0,
        offset_s=offset_s,
        changes=changes,
        done=(),
        chunk_cells=cells_for(chunk_s),
        kinds=kinds,
    )
    voices = voices or voices_of(settings)
    played = [play_chunk(chunk, settings, workers, voices) for chunk in cutter.cut(parts)]
    raw = RawResults(
        np.concatenate([one.time_s for one in played]),
        np.concatenate([one.probs for one in played]),
        tuple(profile for one in played for profile in one.profile),
        np.concatenate([one.anomaly for one in played]),
        tuple(reasons for one in played for reasons in one.reasons),
        np.concatenate([one.anomaly_score for one in played]),
        np.concatenate([one.least for one in played]),
    )
    return smoothed(raw, changes, offset_s, settings.session)
