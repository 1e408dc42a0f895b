"""The thread-pool baseline speaks the service's protocol, and gives what the service gives."""

import asyncio
from collections.abc import Iterator

import pytest

from bench.ports import free_port
from bench.systems import BASELINE_COMMAND, System, running
from hoovik.schema.emotion import EMOTIONS
from hoovik.schema.outbound import EmotionError, EmotionResult, ServerStatus
from hoovik_client.client import Client, Reading
from tests.e2e.guests import talker

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def baseline() -> Iterator[str]:
    with running(System("baseline", BASELINE_COMMAND), free_port()) as (url, root):
        yield url
        children = root.children()
    assert not root.is_running()
    assert not any(child.is_running() for child in children)


async def _hear(client: Client, seconds: float) -> list[Reading]:
    heard: list[Reading] = []

    async def listen() -> None:
        async for reading in client.readings():
            heard.append(reading)  # noqa: PERF401 the loop ends by being cancelled

    task = asyncio.create_task(listen())
    await asyncio.sleep(seconds)
    task.cancel()
    return heard


async def test_a_meeting_gives_results_that_rest_on_both(baseline: str) -> None:
    async with Client(baseline, "ada") as client:
        results = [result async for result in client.stream(talker(), 5.0)]
    assert len(results) > 5
    profiles = {str(result.result.modality) for result in results}
    assert "both" in profiles
    last = next(one for one in reversed(results) if str(one.result.modality) == "both")
    assert set(last.result.probs) == set(EMOTIONS)
    assert sum(last.result.probs.values()) == pytest.approx(1.0, abs=1e-3)
    assert last.basis.audio is not None
    assert last.basis.audio > 20


async def test_latency_is_known_and_a_mute_is_followed(baseline: str) -> None:
    async with Client(baseline, "bert") as client:
        await client.joined()
        frames = talker().frames
        sound = talker().audio

        async def send(seconds: float, *, mic: bool) -> None:
            for number in range(int(seconds * 10)):
                if mic:
                    await client.send_audio(sound[1_600 * number : 1_600 * (number + 1)])
                if number % 2 == 0:
                    await client.send_frame(frames[number // 2][1])
                await asyncio.sleep(0.1)

        async def both() -> None:
            await send(2.5, mic=True)
            await client.send_media_state(mic_enabled=False, camera_enabled=True)
            await send(2.5, mic=False)

        sending = asyncio.create_task(both())
        heard = await _hear(client, 5.5)
        await sending
    results = [one for one in heard if isinstance(one.message, EmotionResult)]
    assert all(one.latency_ms is not None and one.latency_ms > 0 for one in results)
    last = results[-1].message
    assert isinstance(last, EmotionResult)
    assert last.result.modality == "video_only"
    assert last.basis.audio is None
    statuses = [one.message for one in heard if isinstance(one.message, ServerStatus)]
    assert (statuses[0].modalities.audio, statuses[0].modalities.video) == (False, False)
    assert any(status.modalities.audio for status in statuses)


async def test_bad_media_are_refused_in_words(baseline: str) -> None:
    async with Client(baseline, "cyd") as client:
        await client.joined()
        await client.send_frame(b"no image")
        heard = await _hear(client, 0.5)
    codes = [one.message.code for one in heard if isinstance(one.message, EmotionError)]
    assert codes == ["BAD_IMAGE"]
