"""Live and offline agree: the ingress and its processes against a room and workers in one process."""

import numpy as np
import pytest

from actors.offline import play
from hoovik.schema.outbound import EmotionResult
from hoovik.session.playback import moments
from hoovik.settings import Settings
from tests.e2e.bases import by_basis, shifted, undisturbed
from tests.e2e.guests import Stage, talker
from tests.workers import ModelWorkers

STREAM_S = 15.0

pytestmark = pytest.mark.timeout(240)


async def test_live_and_offline_agree(stage: Stage, settings: Settings) -> None:
    recording = talker()
    live = by_basis(await undisturbed(stage, recording, STREAM_S))
    tick_s = settings.session.tick_s
    media = [
        moment
        for moment in moments(recording.audio, recording.frames, tick_s)
        if moment.time_s < STREAM_S + 2
    ]
    workers = ModelWorkers(settings)
    offline: dict[tuple, EmotionResult] = {}
    # Live ticks fall anywhere between two chunks and two frames; media time is cut finely enough
    # that each such place is met.
    for shift_s in np.arange(0.0, tick_s, 0.05):
        results = await play(shifted(media, float(shift_s)), settings, workers, "ada")
        offline |= by_basis(results)
    same = live.keys() & offline.keys()
    assert len(same) >= 10, f"of {len(live)} live results, {len(same)} rest on the same windows"
    for basis in same:
        here, there = live[basis].result, offline[basis].result
        assert here.emotion == there.emotion
        assert here.modality == there.modality
        assert here.anomaly == there.anomaly
        # A face is looked for where the last one was, and the track remembers more than the steps
        # that are the same: a look from a little further aside moves a probability by some 0.005.
        for emotion, probability in here.probs.items():
            assert probability == pytest.approx(there.probs[emotion], abs=0.02)
