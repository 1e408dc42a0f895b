"""The sample meeting through a room and the real workers in one process, in media time."""

import pytest

from actors.offline import play
from bench.load import SAMPLE_MEETING
from hoovik.media.clip import read_clip
from hoovik.media.meeting import load_meeting
from hoovik.models.bundle import voices_of
from hoovik.schema.emotion import EMOTIONS
from hoovik.schema.outbound import EmotionResult
from hoovik.session.playback import moments
from hoovik.settings import Settings
from tests.workers import ModelWorkers

SETTINGS = Settings()


@pytest.fixture(scope="module")
def workers() -> ModelWorkers:
    return ModelWorkers(SETTINGS)


async def results_of(name: str, workers: ModelWorkers, seconds: float) -> list[EmotionResult]:
    clip = read_clip(load_meeting(SAMPLE_MEETING).participant(name).file)
    frames = [(frame.time_s, frame.jpeg) for frame in clip.frames if frame.time_s < seconds]
    audio = clip.audio[: int(seconds * 16_000)]
    recording = moments(audio, frames, SETTINGS.session.tick_s)
    return await play(recording, SETTINGS, workers, name, voices_of(SETTINGS))


@pytest.mark.parametrize("name", ["mira", "jonas"])
async def test_a_face_and_a_voice_give_a_result_every_tick(
    name: str, workers: ModelWorkers
) -> None:
    meeting = load_meeting(SAMPLE_MEETING)
    results = await results_of(name, workers, 36.0)
    assert len(results) >= 0.95 * 36.0 / SETTINGS.session.tick_s
    for result in results:
        assert sum(result.result.probs.values()) == pytest.approx(1, abs=1e-4)
        assert set(result.result.probs) == set(EMOTIONS)
        assert result.result.untrained is None
    speech = meeting.participant(name).speech
    inside = [
        result.result.modality.has_audio
        for result in results
        if any(start + 0.6 < result.ts < end for start, end in speech)
    ]
    outside = [
        result.result.modality.has_audio
        for result in results
        if all(result.ts < start or result.ts > end + 0.6 for start, end in speech)
    ]
    assert sum(inside) / len(inside) > 0.9
    assert sum(outside) / len(outside) < 0.05


async def test_the_same_recording_gives_the_same_results(workers: ModelWorkers) -> None:
    assert await results_of("mira", workers, 6.0) == await results_of("mira", workers, 6.0)
