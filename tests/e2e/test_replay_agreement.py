"""A file through the live ingress in real time, and the same file replayed."""

import numpy as np
import pytest

from actors.offline import play
from bench.load import SAMPLE_MEETING
from hoovik.media.stream import Look, stream_media
from hoovik.schema.emotion import EMOTIONS
from hoovik.session.playback import moments
from hoovik.settings import Settings
from hoovik_client.recording import read_recording
from replay.workers import LocalWorkers
from tests.e2e.bases import by_basis, shifted, undisturbed
from tests.e2e.guests import Stage
from tests.replays import replayed
from tests.workers import ModelWorkers

STREAM_S = 20.0

pytestmark = pytest.mark.timeout(360)


async def test_live_and_replayed_agree(stage: Stage, settings: Settings) -> None:
    file = SAMPLE_MEETING / "mira.mp4"
    recording = read_recording(file)
    live = by_basis(await undisturbed(stage, recording, STREAM_S))
    tick_s = settings.session.tick_s
    workers, offline_workers = LocalWorkers(settings), ModelWorkers(settings)
    same_label, differences, answered = [], [], set()
    # Live ticks fall anywhere between two chunks and two frames. A recording that begins on the
    # meeting's clock between two ticks is cut there too; what it rests on, the offline path tells.
    for shift_s in np.arange(0.0, tick_s, 0.05).tolist():
        moved = shifted(list(moments(recording.audio, recording.frames, tick_s)), shift_s)
        bases = by_basis(await play(moved, settings, offline_workers, "ada"))
        offset_s = tick_s - shift_s
        here = replayed(stream_media(file, Look()), settings, workers, offset_s=offset_s)
        place = {round(time_s - offset_s, 3): n for n, time_s in enumerate(here.time_s.tolist())}
        for basis in live.keys() & bases.keys() - answered:
            n, there = place[round(bases[basis].ts, 3)], live[basis].result
            answered.add(basis)
            same_label.append(here.emotion[n] == there.emotion)
            probs = np.array([there.probs[emotion] for emotion in EMOTIONS])
            differences.append(float(np.abs(here.probs[n] - probs).max()))
            assert here.profile[n] == there.modality
    print(
        f"{len(answered)} of {len(live)} live results have a replayed one on the same media;"
        f" equal labels {np.mean(same_label):.4f}, largest difference of a probability"
        f" {max(differences):.4f}, 98th percentile {np.quantile(differences, 0.98):.4f}"
    )
    assert len(answered) >= 20
    assert np.mean(same_label) >= 0.98
    assert np.quantile(differences, 0.98) < 0.02
