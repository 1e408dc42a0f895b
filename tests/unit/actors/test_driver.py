"""A room's effects, performed with real small workers in one process."""

import numpy as np
import pytest

from actors.driver import RoomDriver
from actors.offline import play
from hoovik.errors import ImageError
from hoovik.schema.outbound import EmotionError, EmotionResult
from hoovik.session.effects import Emit
from hoovik.session.playback import moments
from hoovik.session.room import Room
from hoovik.settings import Settings
from tests.workers import DyingWorkers, MeanWorkers

VOICE = (0.2 * np.sin(2 * np.pi * 140 * np.arange(48_000) / 16_000)).astype(np.float32)


def frames(seconds: float, image: bytes = b"xx") -> list[tuple[float, bytes]]:
    return [(k / 5, image) for k in range(int(seconds * 5))]


async def test_a_recording_gives_one_result_a_tick() -> None:
    recording = moments(VOICE[:0], frames(3.0), 0.3)
    results = await play(recording, Settings(), MeanWorkers(), "ada")
    times = [result.ts for result in results]
    assert len(times) >= 8
    assert np.diff(times) == pytest.approx(0.3)
    assert results[-1].basis.frame is not None


async def test_results_do_not_depend_on_how_fast_the_workers_are() -> None:
    async def run(delay_s: float) -> list[EmotionResult]:
        recording = moments(VOICE, frames(3.0), 0.3)
        return await play(recording, Settings(), MeanWorkers(delay_s=delay_s), "ada")

    assert await run(0.0) == await run(0.005)


async def test_a_broken_frame_ends_an_offline_recording_with_its_time() -> None:
    recording = moments(VOICE, [(0.0, b"xx"), (0.4, b"broken")], 0.3)
    with pytest.raises(ImageError, match=r"0\.6 s"):
        await play(recording, Settings(), MeanWorkers(), "ada")


@pytest.mark.parametrize(
    ("workers", "code"),
    [(DyingWorkers(), "RESULT_LOST"), (MeanWorkers(delay_s=1.0), "RESULT_LOST")],
)
async def test_a_lost_or_slow_worker_is_told_and_the_room_lives_on(workers, code: str) -> None:
    told: list[Emit] = []
    room = Room("standup", Settings())
    driver = RoomDriver(room, workers, told.append, lambda: 1.0, timeout_s=0.05)
    driver.perform(room.join("ada", 0.0))
    room.frame("ada", b"xx", 1, 1.0)
    driver.perform(room.tick(1.2))
    await driver.settle()
    errors = [emit.message for emit in told if isinstance(emit.message, EmotionError)]
    assert [error.code for error in errors] == [code]
    assert room.participant_ids == ("ada",)


async def test_a_fault_of_the_media_keeps_its_own_code() -> None:
    told: list[Emit] = []
    room = Room("standup", Settings())
    driver = RoomDriver(room, MeanWorkers(), told.append, lambda: 1.0)
    driver.perform(room.join("ada", 0.0))
    room.frame("ada", b"broken", 1, 1.0)
    driver.perform(room.tick(1.2))
    await driver.settle()
    assert told[-1].message.code == "BAD_IMAGE"
