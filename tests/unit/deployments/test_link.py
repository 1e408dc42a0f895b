"""The tie between an ingress replica and a room, against a small room without Ray."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from actors.mailbox import Mailbox
from actors.membership import Displaced, RoomEvent
from actors.parcel import Delivery, Parcel, Receipt, StateItem
from deployments.ingress.connection import Connection
from deployments.ingress.link import RoomLink
from hoovik.errors import HoovikError
from hoovik.schema.inbound import Audio, Frame, MediaState, parse_join
from hoovik.settings import Settings
from hoovik.telemetry.meter import Meter
from tests.pictures import jpeg


class Method:
    """What an actor handle makes of a method: `remote` starts it, `options` changes nothing."""

    def __init__(self, method: Callable[..., Any]) -> None:
        self.remote = method

    def options(self, **_: object) -> "Method":
        return self


class SmallRoom:
    """Who has joined and what was delivered; `events` go to the newest subscriber."""

    def __init__(self, *, full: bool = False) -> None:
        self.full = full
        self.joined: dict[str, str] = {}
        self.delivered: list[Any] = []
        self.calls = 0
        self.subscribers: dict[str, Mailbox[Any]] = {}

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        return Method(found) if callable(found) and not name.startswith("_") else found

    async def join(self, _subscriber: str, connection_id: str, participant_id: str) -> str | None:
        if self.full:
            return "the room is full"
        self.joined[participant_id] = connection_id
        return None

    async def leave(self, _connection_id: str, participant_id: str) -> None:
        self.joined.pop(participant_id, None)

    async def deliver(self, parcels: list[Parcel], _sent_s: float) -> Receipt:
        self.calls += 1
        refused = {}
        for parcel in parcels:
            if self.joined.get(parcel.participant_id) == parcel.connection_id:
                self.delivered += parcel.items
            else:
                refused[parcel.connection_id] = Delivery.UNKNOWN
        return Receipt(0.1, 0.0, refused)

    def subscribe(self, subscriber_id: str) -> AsyncIterator[Any]:
        mailbox: Mailbox[Any] = Mailbox(100)
        self.subscribers[subscriber_id] = mailbox

        async def resolved(value: Any) -> Any:
            return value

        async def stream() -> AsyncIterator[Any]:
            yield resolved([])
            while events := await mailbox.take():
                if isinstance(events[0], Exception):
                    raise events[0]
                yield resolved(events)

        return stream()

    async def unsubscribe(self, subscriber_id: str) -> None:
        self.subscribers.pop(subscriber_id).close()

    async def keepalive(self, subscriber_id: str) -> Receipt | None:
        return Receipt(0.1, 0.0) if subscriber_id in self.subscribers else None

    def _tell(self, event: Any) -> None:
        for mailbox in self.subscribers.values():
            mailbox.put(event)


class Socket:
    """What a client was told, and why it was closed."""

    def __init__(self, link: RoomLink, participant_id: str = "ada", role: str = "participant"):
        self.told: list[tuple[str, dict]] = []
        self.closed: list[str] = []
        join = parse_join({"participantId": participant_id, "roomId": "standup", "role": role})
        self.connection = Connection(join, self._send, self._close, link, Settings(), Meter())

    async def _send(self, event: str, payload: dict) -> None:
        self.told.append((event, payload))

    async def _close(self, error: HoovikError) -> None:
        self.closed.append(error.code)

    @property
    def codes(self) -> list[str]:
        return [payload["code"] for event, payload in self.told if event == "emotion.error"]


async def settle() -> None:
    await asyncio.sleep(0.3)


@pytest.fixture
def room() -> SmallRoom:
    return SmallRoom()


@pytest.fixture
def link(room: SmallRoom) -> RoomLink:
    async def find() -> SmallRoom:
        return room

    return RoomLink("standup", find, 0.1, Meter())


async def test_media_reach_the_room_and_events_the_socket(link: RoomLink, room: SmallRoom) -> None:
    socket, watcher = Socket(link), Socket(link, "watcher", "observer")
    socket.connection.open()
    watcher.connection.open()
    socket.connection.receive(Frame(buffer=jpeg()))
    await settle()
    assert [type(item).__name__ for item in room.delivered] == ["StateItem", "PictureItem"]
    event = RoomEvent(
        "ada", socket.connection.id, "server.status", {"targetFps": 5.0}, to_room=True
    )
    private = RoomEvent(
        "ada", socket.connection.id, "backpressure", {"suggestedFps": 2.5}, to_room=False
    )
    room._tell(event)
    room._tell(private)
    await settle()
    assert socket.told == [
        ("server.status", {"targetFps": 5.0}),
        ("backpressure", {"suggestedFps": 2.5}),
    ]
    assert watcher.told[-1] == ("server.status", {"targetFps": 5.0})
    await socket.connection.ended()
    assert len(room.subscribers) == 1
    await watcher.connection.ended()
    assert room.subscribers == room.joined == {}


async def test_one_call_brings_what_all_sockets_sent(link: RoomLink, room: SmallRoom) -> None:
    sockets = [Socket(link, name) for name in ("ada", "ben", "cyd")]
    for socket in sockets:
        socket.connection.open()
    await settle()
    before = room.calls
    for _ in range(3):
        for socket in sockets:
            socket.connection.receive(Audio(buffer=bytes(6400)))
    for socket in sockets:
        socket.connection.receive(Frame(buffer=jpeg()))
    await settle()
    assert room.calls == before + 1
    kinds = [type(item).__name__ for item in room.delivered[3:]]
    assert kinds.count("SoundItem") == 3
    assert kinds.count("PictureItem") == 3


async def test_a_button_does_not_wait_for_the_beat(room: SmallRoom) -> None:
    async def find() -> SmallRoom:
        return room

    link = RoomLink("standup", find, 30.0, Meter())
    socket = Socket(link)
    socket.connection.open()
    await settle()
    socket.connection.receive(MediaState(mic_enabled=False))
    await asyncio.sleep(0.1)
    assert room.delivered[-1] == StateItem(mic_enabled=False, camera_enabled=True)


async def test_a_room_that_forgot_a_socket_is_told_of_it_again(
    link: RoomLink, room: SmallRoom
) -> None:
    socket = Socket(link)
    socket.connection.open()
    await settle()
    room.joined.clear()
    socket.connection.receive(Audio(buffer=bytes(6400)))
    await settle()
    assert room.joined == {"ada": socket.connection.id}
    assert socket.closed == []


async def test_a_socket_that_leaves_before_the_room_is_found_leaves_nothing_behind(
    room: SmallRoom,
) -> None:
    found = asyncio.Event()

    async def find() -> SmallRoom:
        await found.wait()
        return room

    link = RoomLink("standup", find, 0.1, Meter())
    socket = Socket(link)
    socket.connection.open()
    await settle()
    await socket.connection.ended()
    found.set()
    await settle()
    assert room.subscribers == {}


async def test_after_a_crash_everyone_is_brought_back_and_told(
    link: RoomLink, room: SmallRoom
) -> None:
    socket = Socket(link)
    socket.connection.open()
    await settle()
    room.joined.clear()
    room._tell(TimeoutError("the process is gone"))
    await asyncio.sleep(0.6)
    assert room.joined == {"ada": socket.connection.id}
    assert socket.codes == ["ROOM_RESTARTED"]
    assert socket.closed == []


async def test_a_room_that_is_full_after_a_crash_lets_go_whom_it_cannot_hold(
    link: RoomLink, room: SmallRoom
) -> None:
    socket, watcher = Socket(link), Socket(link, "watcher", "observer")
    socket.connection.open()
    watcher.connection.open()
    await settle()
    room.full = True
    room._tell(TimeoutError("the process is gone"))
    await asyncio.sleep(0.6)
    assert socket.closed == ["AT_CAPACITY"]
    room._tell(RoomEvent("ben", "another", "emotion.result", {}, to_room=True))
    await settle()
    assert watcher.told[-1][0] == "emotion.result"


async def test_a_full_room_is_told_and_closed(link: RoomLink, room: SmallRoom) -> None:
    room.full = True
    socket = Socket(link)
    socket.connection.open()
    await settle()
    assert socket.codes == socket.closed == ["AT_CAPACITY"]


async def test_a_displaced_socket_is_closed_and_its_successor_is_not(
    link: RoomLink, room: SmallRoom
) -> None:
    first, second = Socket(link), Socket(link)
    first.connection.open()
    await settle()
    second.connection.open()
    await settle()
    room._tell(Displaced("ada", first.connection.id))
    await settle()
    assert first.closed == first.codes == ["REPLACED"]
    assert second.closed == []
