import asyncio

import pytest

from actors.shared_answer import SharedAnswer


class Asked:
    """Answers with how often it was asked, once it may."""

    def __init__(self) -> None:
        self.times = 0
        self.go = asyncio.Event()

    async def __call__(self) -> int:
        self.times += 1
        await self.go.wait()
        return self.times


async def test_all_who_ask_at_once_share_one_call() -> None:
    asked = Asked()
    answer = SharedAnswer(asked, fresh_s=60, limit_s=60)
    waiting = [asyncio.create_task(answer.get()) for _ in range(50)]
    await asyncio.sleep(0)
    asked.go.set()
    assert set(await asyncio.gather(*waiting)) == {1}
    # And whoever asks while it is fresh.
    assert await answer.get() == 1


async def test_an_answer_that_is_not_fresh_is_asked_for_again() -> None:
    asked = Asked()
    asked.go.set()
    answer = SharedAnswer(asked, fresh_s=-1, limit_s=60)
    assert [await answer.get(), await answer.get()] == [1, 2]


async def test_who_asks_waits_no_longer_than_the_limit_and_one_call_hangs_at_most() -> None:
    asked = Asked()
    answer = SharedAnswer(asked, fresh_s=60, limit_s=0.01)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            await answer.get()
    assert asked.times == 1
    asked.go.set()
    assert await answer.get() == 1


async def test_a_refusal_is_shared_too() -> None:
    times = 0

    async def refuse() -> None:
        nonlocal times
        times += 1
        raise ValueError("no such actor")

    answer = SharedAnswer(refuse, fresh_s=60, limit_s=60)
    for _ in range(2):
        with pytest.raises(ValueError, match="no such actor"):
            await answer.get()
    assert times == 1
