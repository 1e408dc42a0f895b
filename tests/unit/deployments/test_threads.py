import asyncio
import threading

import pytest

from deployments.ingress.threads import Threads
from hoovik.errors import CapacityError


async def test_what_is_too_much_is_refused_until_work_has_ended() -> None:
    threads, go, begun = Threads("waiting", threads=1, most=2), threading.Event(), []

    def work(number: int) -> int:
        begun.append(number)
        go.wait(10)
        return number

    tasks = [asyncio.create_task(threads.run(work, number)) for number in range(3)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    assert isinstance(tasks[2].exception(), CapacityError)
    # Who waits for it may go: what is under way keeps its place all the same.
    tasks[0].cancel()
    await asyncio.sleep(0.05)
    assert begun == [0]
    tasks.append(asyncio.create_task(threads.run(work, 3)))
    with pytest.raises(CapacityError):
        await tasks[3]
    go.set()
    assert await tasks[1] == 1
    assert await threads.run(work, 4) == 4


async def test_what_work_raises_is_raised() -> None:
    threads = Threads("failing", threads=1, most=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await threads.run(lambda: 1 // 0)
