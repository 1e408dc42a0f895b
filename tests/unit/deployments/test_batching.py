import asyncio
import threading
import time

import pytest

from deployments.batching import Batcher
from hoovik.telemetry.measures import WORK_CPU
from hoovik.telemetry.meter import Meter


async def test_an_idle_stage_answers_at_once() -> None:
    batcher = Batcher(lambda requests: [2 * one for one in requests], max_batch=4, meter=Meter())
    assert (await batcher.ask(21)).value == 42
    assert batcher.depth == 0


async def test_what_gathers_while_a_batch_runs_is_the_next_batch() -> None:
    go, sizes = threading.Event(), []

    def work(requests: list[int]) -> list[int]:
        sizes.append(len(requests))
        go.wait(5)
        return requests

    batcher = Batcher(work, max_batch=4, meter=Meter())
    first = asyncio.create_task(batcher.ask(0))
    await asyncio.sleep(0.05)
    others = [asyncio.create_task(batcher.ask(number)) for number in range(1, 7)]
    await asyncio.sleep(0.05)
    assert batcher.depth == 7
    go.set()
    answers = await asyncio.gather(first, *others)
    assert [answer.value for answer in answers] == list(range(7))
    assert sizes == [1, 4, 2]


async def test_lanes_compute_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=5)

    def work(requests: list[int]) -> list[int]:
        both.wait()  # alone, nobody gets past
        time.sleep(0.05)
        return requests

    meter = Meter()
    batcher = Batcher(work, max_batch=2, meter=meter, lanes=2)
    answers = await asyncio.gather(*(batcher.ask(number) for number in range(4)))
    assert [answer.value for answer in answers] == [0, 1, 2, 3]
    report = meter.take()
    assert report.histograms["batch",].percentiles().mean == 2
    assert report.gauges["lanes",] == 2
    # What one request takes of the stage, which does two at a time.
    assert answers[0].each_s == pytest.approx(answers[0].work_s / 4)
    # Both computed for all of that time.
    assert batcher.busy_s >= 0.05


async def test_a_request_that_comes_as_the_last_batch_ends_is_answered() -> None:
    batcher = Batcher(lambda requests: requests, max_batch=1, meter=Meter(), lanes=2)

    async def ask_again(number: int) -> list[int]:
        return [(await batcher.ask(number)).value for _ in range(50)]

    async with asyncio.timeout(10):
        answers = await asyncio.gather(*(ask_again(number) for number in range(3)))
    assert answers == [[number] * 50 for number in range(3)]
    assert batcher.depth == 0


async def test_a_fault_reaches_its_batch_and_no_other() -> None:
    def work(requests: list[int]) -> list[int]:
        if 13 in requests:
            raise ValueError("unlucky")
        return requests

    batcher = Batcher(work, max_batch=1, meter=Meter())
    answers = await asyncio.gather(*(batcher.ask(n) for n in (12, 13, 14)), return_exceptions=True)
    assert answers[0].value == 12
    assert isinstance(answers[1], ValueError)
    assert answers[2].value == 14


async def test_what_computing_takes_is_counted_whether_or_not_it_succeeds() -> None:
    def work(requests: list[int]) -> list[int]:
        begun_s = time.thread_time()
        while time.thread_time() - begun_s < 0.05:
            pass
        time.sleep(0.05)  # which is no CPU
        return [1 // one for one in requests]

    meter = Meter()
    batcher = Batcher(work, max_batch=1, meter=meter)
    await asyncio.gather(*(batcher.ask(n) for n in (1, 0)), return_exceptions=True)
    cpu_s = meter.take().counts[(WORK_CPU,)] / 1e6
    assert 0.1 <= cpu_s < 0.15


async def test_who_has_given_up_is_not_worked_for() -> None:
    go, seen = threading.Event(), []

    def work(requests: list[int]) -> list[int]:
        seen.extend(requests)
        go.wait(5)
        return requests

    batcher = Batcher(work, max_batch=4, meter=Meter())
    first = asyncio.create_task(batcher.ask(1))
    await asyncio.sleep(0.05)
    second, third = (asyncio.create_task(batcher.ask(n)) for n in (2, 3))
    await asyncio.sleep(0.01)
    second.cancel()
    go.set()
    assert (await first).value == 1
    assert (await third).value == 3
    assert seen == [1, 3]
    with pytest.raises(asyncio.CancelledError):
        await second


async def test_waiting_computing_and_batches_are_measured() -> None:
    def work(requests: list[int]) -> list[int]:
        time.sleep(0.03)
        return requests

    meter = Meter()
    batcher = Batcher(work, max_batch=4, meter=meter)
    answers = await asyncio.gather(*(batcher.ask(number) for number in range(5)))
    assert [answer.depth for answer in answers] == [1, 1, 1, 1, 0]
    assert min(answer.work_s for answer in answers) >= 0.03
    report = meter.take()
    assert report.histograms["batch",].total == 5
    assert report.histograms["work_ms",].total >= 60
    # The fifth waited for the first four.
    assert report.histograms["queue_ms",].total >= 30
    assert report.gauges["depth",] == 0


async def test_what_is_older_than_callers_wait_is_neither_computed_nor_silent() -> None:
    go, seen = threading.Event(), []

    def work(requests: list[int]) -> list[int]:
        seen.extend(requests)
        go.wait(5)
        return requests

    meter = Meter()
    batcher = Batcher(work, max_batch=1, meter=meter, patience_s=1.0)
    first, second = (asyncio.create_task(batcher.ask(n)) for n in (1, 2))
    await asyncio.sleep(1.1)
    third = asyncio.create_task(batcher.ask(3))
    await asyncio.sleep(0)
    go.set()
    # The first was begun in time: its answer is there, and late is for its caller to say.
    assert (await first).value == 1
    assert (await third).value == 3
    with pytest.raises(TimeoutError):
        await second
    assert seen == [1, 3]
    report = meter.take()
    assert report.counts["drops", "request_stale"] == 1
    assert report.gauges["depth",] == 0


async def test_those_who_gave_up_leave_no_gap_in_a_batch() -> None:
    go, seen = threading.Event(), []

    def work(requests: list[int]) -> list[int]:
        seen.append(requests)
        go.wait(5)
        return requests

    batcher = Batcher(work, max_batch=2, meter=Meter())
    asked = [asyncio.create_task(batcher.ask(n)) for n in range(6)]
    await asyncio.sleep(0.05)
    asked[2].cancel()
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(*asked, return_exceptions=True)
    assert seen == [[0, 1], [3, 4], [5]]
    assert batcher.depth == 0


async def test_a_worker_that_answers_too_few_costs_its_batch_alone() -> None:
    batcher = Batcher(lambda requests: requests[:1], max_batch=2, meter=Meter())
    answers = await asyncio.gather(*(batcher.ask(n) for n in (1, 2, 3, 4)), return_exceptions=True)
    assert all(isinstance(one, ValueError) for one in answers[:2])
    assert (await batcher.ask(5)).value == 5
    assert batcher.depth == 0
