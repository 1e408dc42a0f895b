"""Nothing waits in a queue without a bound: every queue of the service, found and filled."""

import ast
import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from actors.mailbox import Mailbox
from actors.parcel import PictureItem, SoundItem, StateItem
from deployments.batching import MAX_WAITING, Batcher
from deployments.ingress.decoding import SOUND_FILES
from deployments.ingress.inbox import LIMITS, Inbox
from deployments.ingress.predict import UPLOADS
from deployments.ingress.threads import Threads
from deployments.options import DEFAULTS, options_for
from hoovik.errors import CapacityError
from hoovik.schema.drop import Drop
from hoovik.session.sight import MAX_FRAMES
from hoovik.settings import SessionSettings, Settings
from hoovik.telemetry.histogram import Histogram
from hoovik.telemetry.meter import Meter
from hoovik.telemetry.window import Window
from tests.meeting import Meeting

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("hoovik", "actors", "deployments", "hoovik_client")
QUEUES = {"deque", "Queue", "LifoQueue", "PriorityQueue", "SimpleQueue"}
BOUNDED_OTHERWISE = {"deployments/batching.py", "hoovik/telemetry/window.py"}
"""Queues without a bound of their own; the tests below fill them."""


def unbounded() -> Iterator[str]:
    for package in PRODUCT:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                bounds = {keyword.arg for keyword in node.keywords}
                first_is_bound = name != "deque" and node.args
                if name in QUEUES and not bounds & {"maxlen", "maxsize"} and not first_is_bound:
                    yield path.relative_to(ROOT).as_posix()


def test_every_queue_has_a_bound() -> None:
    assert set(unbounded()) == BOUNDED_OTHERWISE


async def test_a_batcher_refuses_what_nobody_would_wait_for() -> None:
    go = threading.Event()

    def work(requests: list[int]) -> list[int]:
        go.wait(10)
        return requests

    batcher = Batcher(work, max_batch=8, meter=Meter())
    asked = [asyncio.create_task(batcher.ask(number)) for number in range(2 * MAX_WAITING)]
    await asyncio.sleep(0.05)
    assert batcher.depth <= MAX_WAITING + 8
    go.set()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, asyncio.QueueFull)]
    assert len(answers) - len(refused) == MAX_WAITING


def test_a_window_forgets_by_the_clock() -> None:
    window = Window(60)
    histogram = Histogram()
    histogram.add(1.0)
    for second in range(10_000):
        window.add({("latency",): histogram}, float(second))
    assert len(window._seconds) <= 60


def test_a_mailbox_keeps_the_newest() -> None:
    dropped: list[None] = []
    mailbox: Mailbox[int] = Mailbox(16, lambda: dropped.append(None))
    for number in range(1000):
        mailbox.put(number)
    assert [*mailbox._items] == [*range(984, 1000)]
    assert len(dropped) == 984


def test_an_inbox_is_as_long_as_its_limits() -> None:
    inbox = Inbox(5.0, lambda _reason: None)
    for number in range(1000):
        inbox.put(SoundItem(number, np.zeros(8, np.float32), 16_000, number / 10))
        inbox.put(PictureItem(number, b"", number / 5))
        inbox.put(StateItem(True, True))
    assert len(inbox._items) == sum(LIMITS[kind] for kind in (SoundItem, PictureItem, StateItem))


def test_an_inbox_is_bounded_in_seconds_and_bytes() -> None:
    inbox = Inbox(5.0, lambda _reason: None, sound_s=4.0, picture_bytes=10_000)
    for number in range(100):
        inbox.put(SoundItem(number, np.zeros(192_000, np.float32), 192_000, float(number)))
        inbox.put(PictureItem(number, bytes(3000), float(number)))
    sounds = [item for item in inbox._items if isinstance(item, SoundItem)]
    pictures = [item for item in inbox._items if isinstance(item, PictureItem)]
    assert sum(item.samples.size for item in sounds) == 4 * 192_000
    assert [item.sequence_number for item in pictures] == [97, 98, 99]


@pytest.mark.parametrize("threads", [SOUND_FILES, UPLOADS])
async def test_calls_of_threads_are_bounded(threads: Threads) -> None:
    go = threading.Event()
    asked = [asyncio.create_task(threads.run(go.wait, 10)) for _ in range(100)]
    await asyncio.sleep(0)
    go.set()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, CapacityError)]
    assert len(answers) - len(refused) == threads.most


def test_a_participant_has_one_step_under_way_and_few_frames_waiting() -> None:
    meeting = Meeting(Settings(session=SessionSettings(answer_s=1000)))
    meeting.join()
    meeting.hold = (object,)
    sent = 0
    for _ in range(2000):
        meeting.now += 0.05
        meeting.say()
        meeting.show()
        sent += 1
        meeting.tick()
    participant = meeting.room._participants["ada"]
    # Window and image of one step.
    assert len(meeting.held) <= 2
    spare = meeting.room.drops[Drop.FRAME_SPARE]
    assert len(participant.sight._frames) <= MAX_FRAMES
    assert spare >= sent - 1 - MAX_FRAMES


@pytest.mark.parametrize("name", sorted(set(DEFAULTS) - {"Ingress"}))
def test_calls_of_a_pool_are_bounded_in_the_replica_and_at_the_caller(name: str) -> None:
    options = options_for(name, Settings())
    assert 0 < options["max_ongoing_requests"] <= 64
    assert 0 < options["max_queued_requests"] <= 64
