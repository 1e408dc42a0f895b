"""Sockets of an ingress replica in rooms of real hosts, all of them in this process, without Ray."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest

from actors.parcel import StateItem
from deployments.ingress.connection import Connection
from deployments.ingress.rooms import Rooms
from hoovik.errors import HoovikError
from hoovik.schema.inbound import Frame, MediaState, parse_join
from hoovik.settings import RoomSettings, SessionSettings, Settings
from hoovik.telemetry.meter import Meter
from tests.hosts import QUIET, Handle, LocalDirectory
from tests.pictures import jpeg

SETTINGS = Settings(telemetry=QUIET, session=SessionSettings(tick_s=0.1))


class Replica:
    """An ingress replica's rooms, and the directory and hosts behind them."""

    def __init__(
        self,
        settings: Settings = SETTINGS,
        directory: LocalDirectory | None = None,
        find: Callable[[], Handle] | None = None,
    ) -> None:
        self.settings = settings
        self.directory = directory or LocalDirectory(settings)
        self.meter = Meter()
        self.rooms = Rooms(settings, find or (lambda: Handle(self.directory)), self.meter)
        self.rooms.open()

    def socket(
        self, participant_id: str = "ada", room: str = "standup", role: str = "participant"
    ) -> "Socket":
        return Socket(self, participant_id, room, role)

    def host(self, number: int):
        return self.directory.handles[f"host-{number}"].actor

    async def close(self) -> None:
        await self.rooms.close()
        self.directory.close()


class Socket:
    """What a client was told, and why it was closed."""

    def __init__(self, replica: Replica, participant_id: str, room: str, role: str):
        self.told: list[tuple[str, dict]] = []
        self.closed: list[str] = []
        join = parse_join({"participantId": participant_id, "roomId": room, "role": role})
        tie = replica.rooms.tie(room)
        self.connection = Connection(
            join, self._send, self._close, tie, replica.settings, replica.meter
        )
        tie.connections[self.connection.id] = self.connection
        self.connection.open()

    async def _send(self, event: str, payload: dict) -> None:
        self.told.append((event, payload))

    async def _close(self, error: HoovikError) -> None:
        self.closed.append(error.code)

    @property
    def codes(self) -> list[str]:
        return [payload["code"] for event, payload in self.told if event == "emotion.error"]

    @property
    def results(self) -> int:
        return sum(event == "emotion.result" for event, _ in self.told)

    async def stream(self, seconds: float) -> None:
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            self.connection.receive(Frame(buffer=jpeg()))
            await asyncio.sleep(0.1)

    async def until(self, condition: Callable[[], bool], seconds: float = 5.0) -> None:
        """Stream until a condition holds; fails after a time."""
        end_s = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end_s, (self.told[-5:], self.closed)
            await self.stream(0.1)


@pytest.fixture
async def replica() -> AsyncIterator[Replica]:
    made = Replica()
    yield made
    await made.close()


async def test_results_reach_the_participant_and_who_watches(replica: Replica) -> None:
    ada, watcher = replica.socket(), replica.socket("watcher", role="observer")
    other = replica.socket("ben", "elsewhere")
    await ada.until(lambda: ada.results >= 3 and watcher.results >= 3)
    assert other.results == 0
    assert ada.told[0][0] == watcher.told[0][0] == "server.status"


async def test_one_call_brings_what_all_sockets_of_all_rooms_sent(replica: Replica) -> None:
    sockets = [replica.socket(name, f"room-{name}") for name in ("ada", "ben", "cyd")]
    for socket in sockets:
        await socket.until(lambda one=socket: one.results >= 1)
    host = replica.host(0)
    calls: list[int] = []
    deliver = host.deliver

    async def counting(link_id, parcels, sent_s):
        calls.append(len(parcels))
        return await deliver(link_id, parcels, sent_s)

    host.deliver = counting
    await asyncio.gather(*(socket.stream(1.0) for socket in sockets))
    assert max(calls) == 3
    # Two beats a tick.
    assert len(calls) <= 22
    assert len(host._links) == 1


async def test_a_button_does_not_wait_for_the_beat(replica: Replica) -> None:
    ada = replica.socket()
    await ada.until(lambda: ada.results >= 1)
    (link,) = replica.rooms._links.values()
    link._beat.wait_s = lambda _now: 60.0  # type: ignore[method-assign]
    await asyncio.sleep(0.3)
    ada.connection.receive(MediaState(mic_enabled=False))
    room = replica.host(0)._rooms["standup"].room
    await _until(lambda: not room._participants["ada"].mic_enabled)


async def test_the_last_media_state_comes_along_into_the_room(replica: Replica) -> None:
    ada = replica.socket()
    ada.connection.receive(MediaState(camera_enabled=False))
    await _until(lambda: ada.told != [])
    assert ada.connection.state == StateItem(mic_enabled=True, camera_enabled=False)
    room = replica.host(0)._rooms["standup"].room
    await _until(lambda: not room._participants["ada"].camera_enabled)


async def test_after_a_host_s_death_everyone_is_in_another_and_told(replica: Replica) -> None:
    sockets = [replica.socket(f"p{n}", f"room-{n}") for n in range(5)]
    watcher = replica.socket("watcher", "room-0", role="observer")
    for socket in sockets:
        await socket.until(lambda one=socket: one.results >= 1)
    before = [socket.results for socket in sockets]
    replica.directory.kill("host-0")
    for socket, results in zip(sockets, before, strict=True):
        await socket.until(lambda one=socket, n=results: one.results >= n + 2)
    assert [socket.codes for socket in sockets] == [["ROOM_RESTARTED"]] * 5
    assert watcher.codes == ["ROOM_RESTARTED"]
    assert not any(socket.closed for socket in (*sockets, watcher))
    assert set(replica.host(1)._rooms) == {f"room-{n}" for n in range(5)}
    watched = watcher.results
    await sockets[0].until(lambda: watcher.results > watched)


async def test_a_room_that_moves_is_followed_and_nobody_is_told(replica: Replica) -> None:
    ada, watcher = replica.socket(), replica.socket("watcher", role="observer")
    await ada.until(lambda: ada.results >= 3 and watcher.results >= 3)
    await replica.directory.move("standup", "host-1")
    before, watched = ada.results, watcher.results
    await ada.until(lambda: ada.results >= before + 4 and watcher.results >= watched + 4)
    assert ada.codes == watcher.codes == []
    assert replica.host(0)._rooms == {}
    ada.connection.receive(MediaState(camera_enabled=False))
    room = replica.host(1)._rooms["standup"].room
    await _until(lambda: not room._participants["ada"].camera_enabled)


async def test_a_room_that_raises_on_every_tick_disturbs_nobody_else(replica: Replica) -> None:
    ada, ben = replica.socket("ada", "bad"), replica.socket("ben", "good")
    await ada.until(lambda: ada.results >= 1)
    await ben.until(lambda: ben.results >= 1)
    host = replica.host(0)

    def fails(_now: float) -> list[object]:
        raise ValueError("on every tick")

    for _ in range(3):
        await _until(lambda: "bad" in host._rooms)
        host._rooms["bad"].room.close_steps = fails
        await _until(lambda: "bad" not in host._rooms)
    before = ben.results
    await ben.until(lambda: ben.results >= before + 3)
    assert ben.codes == []
    assert ada.codes.count("ROOM_RESTARTED") >= 3
    results = ada.results
    await ada.until(lambda: ada.results > results)
    assert ada.closed == []


async def test_a_host_that_forgot_a_socket_is_told_of_it_again(replica: Replica) -> None:
    ada = replica.socket()
    await ada.until(lambda: ada.results >= 1)
    host = replica.host(0)
    host._rooms["standup"].leave(ada.connection.id, 0.0)
    before = ada.results
    await ada.until(lambda: ada.results >= before + 2)
    assert ada.closed == []


async def test_a_full_room_is_told_and_closed() -> None:
    settings = SETTINGS.model_copy(update={"room": RoomSettings(max_participants=1)})
    replica = Replica(settings)
    try:
        ada, ben = replica.socket("ada"), replica.socket("ben")
        await _until(lambda: ben.closed != [] or ada.closed != [])
        assert sorted(ada.closed + ben.closed) == ["AT_CAPACITY"]
    finally:
        await replica.close()


async def test_a_displaced_socket_is_closed_and_its_successor_is_not(replica: Replica) -> None:
    first = replica.socket()
    await first.until(lambda: first.results >= 1)
    second = replica.socket()
    await _until(lambda: first.closed != [])
    assert first.closed == first.codes == ["REPLACED"]
    await second.until(lambda: second.results >= 1)
    assert second.closed == []


async def test_sockets_that_go_leave_nothing_behind(replica: Replica) -> None:
    ada = replica.socket()
    await ada.until(lambda: ada.results >= 1)
    await ada.connection.ended()
    assert replica.host(0)._rooms["standup"].members == {}
    assert replica.rooms._ties == {}


async def test_one_that_comes_while_the_last_one_leaves_is_in_the_same_room(
    replica: Replica,
) -> None:
    ada = replica.socket()
    await ada.until(lambda: ada.results >= 1)
    leaving = asyncio.create_task(ada.connection.ended())
    ben = replica.socket("ben")
    await leaving
    cyd = replica.socket("cyd", role="observer")
    await ben.until(lambda: ben.results >= 2 and cyd.results >= 1)
    assert list(replica.rooms._ties) == ["standup"]


async def test_each_long_lived_task_comes_back_when_it_is_killed(replica: Replica) -> None:
    ada = replica.socket()
    await ada.until(lambda: ada.results >= 1)
    tasks = replica.rooms.supervisor.tasks
    assert {name.split()[0] for name in tasks} == {"attend", "listen", "deliver", "keepalive"}
    for name, task in tasks.items():
        task.cancel()
        await _until(
            lambda one=name, old=task: replica.rooms.supervisor.tasks.get(one) not in (None, old)
        )
        before = ada.results
        await ada.until(lambda n=before: ada.results >= n + 2)
    assert ada.closed == []


async def test_a_directory_that_cannot_be_looked_up_is_asked_again() -> None:
    """`ray.get_actor` raises ValueError, which is no RayError."""
    directory = LocalDirectory(SETTINGS)
    tries = 0

    def find() -> Handle:
        nonlocal tries
        tries += 1
        if tries <= 3:
            raise ValueError("Failed to look up actor")
        return Handle(directory)

    replica = Replica(SETTINGS, directory, find)
    try:
        ada = replica.socket()
        await ada.until(lambda: ada.results >= 1)
        assert tries >= 4
    finally:
        await replica.close()


async def _until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    end_s = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end_s
        await asyncio.sleep(0.01)
