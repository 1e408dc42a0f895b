"""A room's effects, performed with real small workers in one process."""

import asyncio
from collections.abc import Sequence as Ordered
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field

import numpy as np
import pytest

from actors.driver import RoomDriver
from actors.offline import play
from actors.workers import Answer, FaceAnswer, FaceRequest
from hoovik.errors import ImageError
from hoovik.features.sequence import Sequence
from hoovik.models.prediction import Prediction
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


@dataclass
class Seat:
    """A room that is driven by hand, and the errors that it told."""

    room: Room = field(default_factory=lambda: Room("standup", Settings()))
    errors: list[str] = field(default_factory=list)

    def emit(self, effect: Emit) -> None:
        if isinstance(effect.message, EmotionError):
            self.errors.append(effect.message.code)


def driver_of(workers: MeanWorkers, timeout_s: float = 1.0) -> RoomDriver[Seat]:
    return RoomDriver(workers, lambda _: 1.0, lambda _: nullcontext(), timeout_s=timeout_s)


async def see(driver: RoomDriver[Seat], seats: list[Seat], image: bytes = b"xx") -> None:
    """One step of one participant in each room."""
    for seat in seats:
        driver.perform([(seat, seat.room.join("ada", 0.0))])
        seat.room.frame("ada", image, 1, 1.0)
    driver.perform([(seat, seat.room.tick(1.2)) for seat in seats])
    await driver.settle()


class Cancelled(MeanWorkers):
    """A pool from which a replica's own CancelledError comes, as Serve passes it on."""

    async def encode_faces(self, _requests: Ordered[FaceRequest]) -> Answer[list[FaceAnswer]]:
        raise asyncio.CancelledError


class TooShort(MeanWorkers):
    """A pool that answers fewer than it was asked."""

    async def encode_faces(self, _requests: Ordered[FaceRequest]) -> Answer[list[FaceAnswer]]:
        return Answer([])


@pytest.mark.parametrize(
    "workers", [DyingWorkers(), MeanWorkers(delay_s=1.0), Cancelled(), TooShort()]
)
async def test_a_lost_or_slow_worker_is_told_and_the_room_lives_on(workers: MeanWorkers) -> None:
    seat = Seat()
    await see(driver_of(workers, timeout_s=0.05), [seat])
    assert seat.errors == ["RESULT_LOST"]
    assert seat.room.participant_ids == ("ada",)
    assert seat.room.under_way == 0


async def test_a_fault_of_the_media_keeps_its_own_code() -> None:
    seat = Seat()
    await see(driver_of(MeanWorkers()), [seat], b"broken")
    assert seat.errors == ["BAD_IMAGE"]


async def test_one_call_asks_for_several_rooms_and_each_gets_its_own_answer() -> None:
    calls: list[int] = []

    class Counting(MeanWorkers):
        async def encode_faces(self, requests: Ordered[FaceRequest]) -> Answer[list[FaceAnswer]]:
            calls.append(len(requests))
            return await super().encode_faces(requests)

        async def predict(self, sequences: Ordered[Sequence]) -> Answer[list[Prediction]]:
            calls.append(len(sequences))
            return await super().predict(sequences)

    seats = [Seat() for _ in range(3)]
    await see(driver_of(Counting()), seats)
    assert calls == [3, 3]
    assert all(seat.room.under_way == 0 and not seat.errors for seat in seats)


async def test_what_a_room_raises_as_it_takes_an_answer_in_keeps_none_from_theirs() -> None:
    bad, good = Seat(), Seat()

    def fails(*_: object, **__: object) -> list[object]:
        raise ValueError("the room is at fault")

    bad.room.face_encoded = fails  # type: ignore[method-assign, assignment]
    driver: RoomDriver[Seat] = RoomDriver(
        MeanWorkers(), lambda _: 1.0, lambda _: suppress(ValueError), timeout_s=1.0
    )
    await see(driver, [bad, good])
    assert good.room.under_way == 0
    assert good.room.drops.total() == 0
