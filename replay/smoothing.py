"""The one thing that remembers without end: smoothing, over a participant's results in order."""

import itertools
from collections.abc import Sequence

import numpy as np

from hoovik.schema.emotion import EMOTIONS
from hoovik.session.smoothing import Smoother, told
from hoovik.settings import SessionSettings
from replay.chunk import Change, RawResults
from replay.timeline import Results


def smoothed(
    raw: RawResults, changes: Sequence[Change], offset_s: float, settings: SessionSettings
) -> Results:
    """What a client would have been told, on the meeting's clock.

    Args:
        raw: of a whole recording.
        changes: of the client's state; after a join smoothing starts anew.
        offset_s: of the recording on the meeting's clock.
        settings: of the smoothing.
    """
    joins = [
        after.time_s
        for before, after in itertools.pairwise(changes)
        if after.state.present and not before.state.present
    ]
    smoother = Smoother(settings)
    probs, labels, doubts = [], [], []
    for time_s, said, profile, least in zip(
        raw.time_s.tolist(), raw.probs, raw.profile, raw.least.tolist(), strict=True
    ):
        while joins and joins[0] <= time_s:
            del joins[0]
            smoother = Smoother(settings)
        mean = smoother.update(said, profile, time_s)
        label, _, uncertain = told(mean, least)
        probs.append(mean)
        labels.append(label)
        doubts.append(uncertain)
    return Results(
        time_s=np.round(raw.time_s + offset_s, 9),
        probs=np.array(probs, np.float32).reshape(-1, len(EMOTIONS)),
        emotion=tuple(labels),
        uncertain=np.array(doubts, bool),
        profile=raw.profile,
        anomaly=raw.anomaly,
        reasons=raw.reasons,
        anomaly_score=raw.anomaly_score,
    )
