import asyncio
import logging

import pytest

from actors.supervisor import MOST_FAULTS, Supervisor

QUICK = (0.001, 0.002)


async def runs(count: int, begun: list[int]) -> None:
    async with asyncio.timeout(5):
        while len(begun) < count:
            await asyncio.sleep(0.001)


async def test_work_that_fails_is_told_once_and_begins_anew(
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun: list[int] = []

    async def work() -> None:
        begun.append(1)
        if len(begun) < 5:
            raise ValueError("out of sorts")
        await asyncio.sleep(60)

    supervisor = Supervisor(pauses_s=QUICK)
    with caplog.at_level(logging.ERROR):
        supervisor.keep("clock", work)
        await runs(5, begun)
    told = [one for one in caplog.records if "clock failed" in one.message]
    assert len(told) == 1
    assert "out of sorts" in (told[0].exc_text or "")
    assert supervisor.faults == 4
    supervisor.close()


async def test_a_cancellation_from_elsewhere_is_a_fault_like_any_other() -> None:
    begun: list[int] = []

    async def work() -> None:
        begun.append(1)
        await asyncio.sleep(60)

    supervisor = Supervisor(pauses_s=QUICK)
    supervisor.keep("listener", work)
    await runs(1, begun)
    supervisor.tasks["listener"].cancel()
    await runs(2, begun)
    assert set(supervisor.tasks) == {"listener"}
    supervisor.close()


async def test_what_returns_or_is_ended_stays_ended() -> None:
    begun: list[int] = []

    async def brief() -> None:
        begun.append(1)

    async def long() -> None:
        await asyncio.sleep(60)

    supervisor = Supervisor(pauses_s=QUICK)
    supervisor.keep("brief", brief)
    supervisor.keep("long", long)
    await runs(1, begun)
    supervisor.end("long")
    await asyncio.sleep(0.02)
    assert not supervisor.tasks
    assert len(begun) == 1


async def test_essential_work_that_does_not_recover_ends_the_process() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        raise ValueError("for good")

    supervisor = Supervisor(ended.set, QUICK)
    supervisor.keep("clock", work, essential=True)
    await asyncio.wait_for(ended.wait(), 5)
    assert supervisor.faults >= MOST_FAULTS
    supervisor.close()


async def test_work_of_the_same_name_takes_the_place_of_the_earlier() -> None:
    ended = asyncio.Event()

    async def first() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    async def second() -> None:
        await asyncio.sleep(60)

    supervisor = Supervisor(pauses_s=QUICK)
    supervisor.keep("deliver", first)
    await asyncio.sleep(0.01)
    supervisor.keep("deliver", second)
    await asyncio.wait_for(ended.wait(), 5)
    assert set(supervisor.tasks) == {"deliver"}
    supervisor.close()
