"""One socket: what comes in stays in order, and none of its tasks ends unseen."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import soundfile

from actors.parcel import Item, SoundItem
from deployments.ingress.connection import Connection
from deployments.ingress.decoding import SOUND_FILES, SoundFile
from deployments.ingress.inbox import LIMITS
from hoovik.errors import HoovikError, RoomUnavailableError
from hoovik.schema.framing import pack_frame, unpack
from hoovik.schema.inbound import parse_join
from hoovik.schema.outbound import Pong
from hoovik.settings import Settings
from hoovik.telemetry.measures import DROPS, ERRORS
from hoovik.telemetry.meter import Meter
from tests.pictures import jpeg

PCM = np.full(1600, 0.5, "<f4").tobytes()


def flac(seconds: float, rate: int = 16_000) -> bytes:
    file = BytesIO()
    soundfile.write(file, np.full(int(seconds * rate), 0.25), rate, format="FLAC")
    return file.getvalue()


class Room:
    """Lets in who comes."""

    def __init__(self) -> None:
        self.entered = self.left = 0
        self.open = asyncio.Event()
        self.refusal: Exception | None = None
        self.open.set()

    async def add(self, _connection: Connection) -> None:
        self.entered += 1
        await self.open.wait()
        if self.refusal:
            raise self.refusal

    async def remove(self, _connection: Connection) -> None:
        self.left += 1

    def brought(self, _connection: Connection, *, urgent: bool) -> None:
        pass


class Socket:
    """A connection, what its client was told, and why it was closed."""

    def __init__(self) -> None:
        self.room, self.meter = Room(), Meter()
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.closed: list[str] = []
        self.broken = False
        join = parse_join({"participantId": "ada", "roomId": "standup"})
        self.connection = Connection(
            join, self._send, self._close, self.room, Settings(), self.meter
        )

    async def _send(self, event: str, payload: dict[str, Any]) -> None:
        if self.broken:
            raise RuntimeError("the transport is gone")
        self.told.append((event, payload))

    async def _close(self, error: HoovikError) -> None:
        self.closed.append(error.code)
        await self.connection.ended()

    @property
    def codes(self) -> list[str]:
        return [payload["code"] for event, payload in self.told if event == "emotion.error"]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():
                await asyncio.sleep(0.005)

    async def items(self) -> list[Item]:
        """All that has come in, once everything is decoded."""
        await self.until(lambda: not self.connection._decoding)
        parcel = self.connection.parcel()
        return parcel.items if parcel else []


@pytest.fixture
async def busy() -> Callable[[], Awaitable[None]]:
    """Holds up the decoding of sound files, until it is called."""
    go = threading.Event()
    task = asyncio.create_task(SOUND_FILES.run(go.wait, 10))
    await asyncio.sleep(0)

    async def release() -> None:
        go.set()
        await task

    return release


async def test_a_sound_file_keeps_its_place_and_holds_up_nobody(
    busy: Callable[[], Awaitable[None]],
) -> None:
    socket = Socket()
    hear = socket.connection.hear
    hear("audio_chunk", PCM)
    hear("audio_chunk", flac(0.2))
    hear("frame", jpeg())
    hear("participant.media_state", {"micEnabled": False})
    hear("audio_chunk", PCM)
    before = socket.connection.parcel()
    assert before is not None
    assert [item.sequence_number for item in before.items if isinstance(item, SoundItem)] == [1]
    assert socket.connection.parcel() is None
    await busy()
    items = await socket.items()
    assert [type(item).__name__ for item in items] == [
        "PictureItem",
        "SoundItem",
        "StateItem",
        "SoundItem",
    ]
    file, last = (item for item in items if isinstance(item, SoundItem))
    assert (file.sequence_number, file.samples.size, last.sequence_number) == (2, 3200, 3)
    assert file.arrived_s <= last.arrived_s


async def test_sound_files_beyond_a_few_are_dropped_and_counted(
    busy: Callable[[], Awaitable[None]],
) -> None:
    socket = Socket()
    for _ in range(10):
        socket.connection.hear("audio_chunk", flac(30))
    await busy()
    (sound,) = await socket.items()
    assert isinstance(sound, SoundItem)
    # Three times the newest four seconds, of which the newest four are kept.
    assert sound.samples.size == 4 * 16_000
    assert sound.sequence_number == LIMITS[SoundFile]
    dropped = socket.meter.take().counts[DROPS, "inbox_full"]
    assert dropped == 10 - LIMITS[SoundFile] + 2


async def test_a_sound_file_that_is_none_is_told_and_holds_up_nothing() -> None:
    socket = Socket()
    socket.connection.open()
    socket.connection.hear("audio_chunk", b"fLaC and no more")
    socket.connection.hear("audio_chunk", PCM)
    (sound,) = await socket.items()
    assert isinstance(sound, SoundItem)
    assert sound.sequence_number == 2
    await socket.until(lambda: socket.codes == ["BAD_AUDIO"])
    await socket.connection.ended()


async def test_what_cannot_be_read_is_counted() -> None:
    socket = Socket()
    for attempt in (
        lambda: socket.connection.hear("av_chunk", {"audio": "!", "video": "!"}),
        lambda: socket.connection.hear("av_chunk", "garbage"),
        lambda: socket.connection.hear("av_chunk", {"video": "!"}),
        lambda: socket.connection.receive(unpack(pack_frame(b"no image"))),
    ):
        with pytest.raises(HoovikError):
            attempt()
    arrivals = socket.connection._decoder.arrivals
    assert (arrivals.sounds.count, arrivals.frames.count) == (2, 4)


@pytest.mark.parametrize("name", ["enter a room", "write to a socket"])
async def test_a_task_that_is_killed_begins_anew(name: str) -> None:
    socket = Socket()
    socket.room.open.clear()
    socket.connection.open()
    tasks = socket.connection._supervisor
    await socket.until(lambda: len(tasks.tasks) == 2 and socket.room.entered == 1)
    killed = tasks.tasks[name]
    killed.cancel()
    await socket.until(lambda: tasks.tasks.get(name) not in (None, killed))
    socket.room.open.set()
    socket.connection.say(Pong(ts=1.0))
    await socket.until(lambda: [event for event, _ in socket.told] == ["pong"])
    assert socket.room.entered == (2 if name == "enter a room" else 1)
    await socket.connection.ended()
    await socket.until(lambda: not tasks.tasks)
    assert (socket.closed, socket.room.left) == ([], 1)


async def test_a_send_that_fails_ends_the_socket() -> None:
    socket = Socket()
    socket.connection.open()
    socket.broken = True
    socket.connection.say(Pong(ts=1.0))
    await socket.until(lambda: socket.room.left == 1)
    assert (len(socket.closed), socket.told) == (1, [])
    # Nobody was told of an error, so none is counted.
    assert not socket.meter.take().counts
    await socket.until(lambda: not socket.connection._supervisor.tasks)


async def test_a_refusal_is_told_before_the_socket_ends() -> None:
    socket = Socket()
    socket.room.refusal = RoomUnavailableError("the room did not come up")
    socket.connection.open()
    await socket.until(lambda: socket.room.left == 1)
    assert socket.codes == socket.closed == ["ROOM_UNAVAILABLE"]
    # Once, whoever else wants it gone.
    socket.connection.expel(HoovikError("again"))
    await asyncio.sleep(0)
    assert socket.closed == ["ROOM_UNAVAILABLE"]
    assert socket.meter.take().counts == {(ERRORS, "ROOM_UNAVAILABLE"): 1}
