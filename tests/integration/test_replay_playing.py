"""Chunks of the sample meeting through the real workers: what the length of a chunk changes."""

from pathlib import Path

import numpy as np
import pytest

from actors.offline import play
from hoovik.features.baseline import Voices
from hoovik.layout import AUDIO_DIM
from hoovik.media.clip import read_clip
from hoovik.media.meeting import load_meeting
from hoovik.media.stream import Look, stream_media
from hoovik.session.playback import moments
from hoovik.settings import SessionSettings, Settings
from replay.recording import changes_of
from replay.timeline import Results
from replay.workers import LocalWorkers
from tests.replays import replayed
from tests.workers import ModelWorkers

MEETING = load_meeting(Path(__file__).resolve().parents[2] / "samples" / "meeting")
SETTINGS = Settings()
# A replay learns baselines from less than a room does.
PLAIN = Settings(session=SessionSettings(baseline=False))


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def workers() -> LocalWorkers:
    return LocalWorkers(SETTINGS)


def assert_same(one: Results, other: Results) -> None:
    np.testing.assert_array_equal(one.time_s, other.time_s)
    np.testing.assert_array_equal(one.probs, other.probs)
    assert (one.emotion, one.profile) == (other.emotion, other.profile)
    np.testing.assert_array_equal(one.anomaly, other.anomaly)
    np.testing.assert_array_equal(one.anomaly_score, other.anomaly_score)


VOICES = Voices(np.full(AUDIO_DIM, 0.1, np.float32), weight=10, memory=600)


@pytest.mark.parametrize(("name", "voices"), [("mira", None), ("jonas", None), ("jonas", VOICES)])
def test_chunks_of_any_length_give_identical_results(
    name: str, voices: Voices | None, workers: LocalWorkers
) -> None:
    file = MEETING.participant(name).file
    changes = changes_of(name, MEETING.events, 0.05)

    def in_chunks_of(chunk_s: float) -> Results:
        parts = stream_media(file, Look())
        return replayed(
            parts, SETTINGS, workers, chunk_s=chunk_s, changes=changes, offset_s=0.05, voices=voices
        )

    whole = in_chunks_of(3_600)
    assert len(whole) >= 60
    for chunk_s in (5, 15, 30):
        assert_same(in_chunks_of(chunk_s), whole)


async def test_replay_and_the_service_agree(workers: LocalWorkers) -> None:
    file = MEETING.participant("mira").file
    clip = read_clip(file)
    frames = [(frame.time_s, frame.jpeg) for frame in clip.frames]
    recording = moments(clip.audio, frames, SETTINGS.session.tick_s)
    there = await play(recording, PLAIN, ModelWorkers(PLAIN), "mira")
    here = replayed(stream_media(file, Look()), PLAIN, workers)
    assert here.time_s.tolist() == pytest.approx([one.ts for one in there])
    labels = np.array([one.result.emotion for one in there])
    assert np.mean(np.array(here.emotion) == labels) >= 0.98
    assert here.profile == tuple(one.result.modality for one in there)
    probs = np.array([list(one.result.probs.values()) for one in there])
    assert np.quantile(np.abs(here.probs - probs).max(axis=1), 0.98) < 0.02


def test_buttons_are_followed(workers: LocalWorkers) -> None:
    changes = changes_of("jonas", MEETING.events, 0.0)
    parts = stream_media(MEETING.participant("jonas").file, Look())
    results = replayed(parts, SETTINGS, workers, changes=changes)
    stale_s = SETTINGS.session.stale_s
    for time_s, profile in zip(results.time_s.tolist(), results.profile, strict=True):
        truth = MEETING.state_at("jonas", time_s)
        assert not profile.has_audio or truth.microphone
        assert not profile.has_face or truth.camera
    assert not ((results.time_s > 25.0 + stale_s) & (results.time_s < 28.0)).any()
