"""Live and offline agree: the ingress and its processes against a room and workers in one process."""

import asyncio
from collections.abc import Sequence

import httpx
import numpy as np
import pytest

from actors.offline import play
from hoovik.schema.outbound import EmotionResult
from hoovik.session.participant import Drop
from hoovik.session.playback import Moment, Tick, moments
from hoovik.settings import Settings
from tests.e2e.guests import Stage, talker
from tests.workers import ModelWorkers

STEPS = 16
"""Ten steps of a sequence, and what the smoothing still remembers of those before."""

STREAM_S = 15.0
ATTEMPTS = 4

pytestmark = pytest.mark.timeout(240)


def shifted(recording: Sequence[Moment], shift_s: float) -> list[Moment]:
    """The same media with every tick later by so much."""
    later = [Tick(one.time_s + shift_s) if isinstance(one, Tick) else one for one in recording]
    return sorted(later, key=lambda moment: (moment.time_s, isinstance(moment, Tick)))


def by_basis(results: Sequence[EmotionResult]) -> dict[tuple, EmotionResult]:
    """Results by what the last steps rested on."""
    bases = [(one.basis.audio, one.basis.frame) for one in results]
    return {
        tuple(bases[end - STEPS : end]): results[end - 1] for end in range(STEPS, len(results) + 1)
    }


async def undisturbed(stage: Stage) -> list[EmotionResult]:
    """Live results of a stream in which nothing was superseded or lost on a busy machine."""
    for attempt in range(ATTEMPTS):
        alone = Stage(stage.url, f"{stage.room_id}-{attempt}")
        # The observer's socket is on the other ingress replica: whichever answers knows the room.
        async with alone.streaming("ada") as ada, alone.listening("watcher", role="observer"):
            await asyncio.sleep(STREAM_S)
            async with httpx.AsyncClient() as http:
                stats = (await http.get(f"{stage.url}/stats/json")).json()
        if not set(stats["rooms"][alone.room_id]["drops"]) - {Drop.NO_FEATURE}:
            return [reading.message for reading in ada.results]
    raise AssertionError(f"{ATTEMPTS} streams, and something was dropped in each")


async def test_live_and_offline_agree(stage: Stage, settings: Settings) -> None:
    recording = talker()
    live = by_basis(await undisturbed(stage))
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
        for emotion, probability in here.probs.items():
            assert probability == pytest.approx(there.probs[emotion], abs=1e-3)
