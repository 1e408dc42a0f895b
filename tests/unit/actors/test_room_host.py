"""A room host as a plain object: many rooms, one clock, and small workers that answer at once."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from actors.hosted_room import HostedRoom
from actors.parcel import (
    Departed,
    Entry,
    HostEvent,
    Parcel,
    PictureItem,
    Refusal,
    RoomEvent,
    SoundItem,
)
from actors.room_host import CROWD, IDLE_WEIGHT, RoomHost
from actors.workers import Answer, FaceAnswer, FaceRequest
from hoovik.features.baseline import Voices
from hoovik.layout import AUDIO_DIM
from hoovik.models.bundle import BASELINE
from hoovik.models.manifest import Encoders
from hoovik.session.congestion import RELIEVED_TICKS
from hoovik.settings import ServeSettings, SessionSettings, Settings, TelemetrySettings
from tests.hosts import QUIET, sent
from tests.workers import MeanWorkers
from training.build.files import write_manifest

SETTINGS = Settings(
    telemetry=QUIET, session=SessionSettings(tick_s=0.1, stale_s=0.4), serve=ServeSettings()
)


class CountingWorkers(MeanWorkers):
    """How many images each call brought."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[int] = []

    async def encode_faces(self, requests: list[FaceRequest]) -> Answer[list[FaceAnswer]]:
        self.calls.append(len(requests))
        return await super().encode_faces(requests)


class Guest:
    """An ingress replica with some sockets, each alone in a room."""

    def __init__(self, host: RoomHost, link_id: str = "one") -> None:
        self.host = host
        self.link_id = link_id
        self.events: list[HostEvent] = []
        self.refused: dict[str, Refusal] = {}
        self._number = 0

    async def listen(self) -> None:
        async for events in self.host.subscribe(self.link_id):
            self.events += events

    async def enter(self, *rooms: str, open_first: bool = True) -> dict[str, Refusal]:
        if open_first:
            await self.host.open(rooms)
        entries = [Entry(room, f"c-{room}", "ada") for room in rooms]
        refused = await self.host.enter(self.link_id, entries)
        return {connection: one.why for connection, one in refused.items()}

    async def stream(self, seconds: float, *rooms: str) -> None:
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            self._number += 1
            now = time.monotonic()
            items = [
                SoundItem(self._number, np.zeros(480, np.float32), 16_000, now),
                PictureItem(self._number, b"jpeg", now),
            ]
            parcels = [sent(Parcel(room, f"c-{room}", "ada", items)) for room in rooms]
            receipt = await self.host.deliver(self.link_id, parcels, now)
            self.refused = dict(receipt.refused)
            await asyncio.sleep(0.03)

    def results(self, room: str) -> int:
        return sum(
            isinstance(event, RoomEvent)
            and (event.event, event.room_id) == ("emotion.result", room)
            for event in self.events
        )


@asynccontextmanager
async def hosting(
    workers: MeanWorkers | None = None, settings: Settings = SETTINGS
) -> AsyncIterator[tuple[RoomHost, Guest]]:
    host = RoomHost("host", settings, workers or MeanWorkers())
    guest = Guest(host)
    listening = asyncio.create_task(guest.listen())
    try:
        yield host, guest
    finally:
        host._supervisor.close()
        listening.cancel()


async def test_what_all_rooms_need_with_one_beat_goes_in_one_call() -> None:
    workers = CountingWorkers()
    async with hosting(workers) as (_, guest):
        rooms = [f"r{n}" for n in range(8)]
        assert await guest.enter(*rooms) == {}
        await guest.stream(1.0, *rooms)
    assert sorted(workers.calls)[len(workers.calls) // 2] == 8
    assert all(guest.results(room) >= 5 for room in rooms)


async def test_a_room_that_raises_is_closed_alone_and_its_people_come_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with hosting() as (host, guest):
        await guest.enter("bad", "good")
        await guest.stream(0.5, "bad", "good")
        before = guest.results("good")

        def fails(_now: float) -> list[object]:
            raise ValueError("on every tick")

        host._rooms["bad"].room.close_steps = fails  # type: ignore[method-assign]
        await guest.stream(0.5, "good")
        assert Departed("bad", whole=False) in guest.events
        assert guest.results("good") >= before + 3
        assert "on every tick" in capsys.readouterr().err
        assert await guest.enter("bad", open_first=False) == {"c-bad": Refusal.ELSEWHERE}
        bad = guest.results("bad")
        assert await guest.enter("bad") == {}
        await guest.stream(0.5, "bad", "good")
        assert guest.results("bad") > bad


async def test_each_long_lived_task_comes_back_when_it_is_killed() -> None:
    async with hosting() as (host, guest):
        await guest.enter("r1")
        await asyncio.sleep(0.05)
        assert set(host._supervisor.tasks) == {"clock", "care"}
        for name, task in list(host._supervisor.tasks.items()):
            task.cancel()
            await asyncio.sleep(0.25)
            assert host._supervisor.tasks[name] is not task
        before = guest.results("r1")
        await guest.stream(0.6, "r1")
        assert guest.results("r1") > before + 2


async def test_a_room_is_only_where_it_was_opened() -> None:
    async with hosting() as (host, guest):
        assert await guest.enter("r1", open_first=False) == {"c-r1": Refusal.ELSEWHERE}
        await guest.stream(0.05, "r1")
        assert guest.refused == {"c-r1": Refusal.ELSEWHERE}
        assert (await host.census()).rooms == ()


async def test_a_room_moves_while_its_people_stream() -> None:
    async with hosting() as (first, guest), hosting() as (second, follower):
        await guest.enter("r1", "r2")
        await guest.stream(0.6, "r1", "r2")
        before = guest.results("r1")
        state = await first.hand_over("r1")
        assert state is not None
        await second.take_over(sent(state))
        assert Departed("r1", whole=True) in guest.events or await _soon(
            lambda: Departed("r1", whole=True) in guest.events
        )
        await follower.stream(0.6, "r1")
        assert before >= 3
        assert follower.results("r1") >= 4
        assert (await first.census()).rooms == ("r2",)
        assert len(second._rooms["r1"].members) == 1


async def _soon(condition) -> bool:
    for _ in range(50):
        if condition():
            return True
        await asyncio.sleep(0.01)
    return False


async def test_under_strain_only_newcomers_are_refused() -> None:
    async with hosting() as (host, guest):
        assert await guest.enter("r1") == {}
        await host.leave("one", [("r1", "c-r1")])
        host._congestion.strain = 0.9
        other = Guest(host, "two")
        assert await other.enter("r2") == {"c-r2": Refusal.FULL}
        assert await other.enter("r1") == {}
        back = Entry("r2", "c9", "ben", returns=True)
        assert await host.enter("two", [back, Entry("r2", "c8", None)]) == {}


async def test_a_silent_replica_is_let_go_and_an_empty_room_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("actors.room_host.LINK_TIMEOUT_S", 0.2)
    monkeypatch.setattr("actors.room_host.CARE_S", 0.05)
    settings = SETTINGS.model_copy(
        update={"room": SETTINGS.room.model_copy(update={"idle_s": 0.2})}
    )
    async with hosting(settings=settings) as (host, guest):
        await guest.enter("r1")
        await guest.stream(0.5, "r1")
        assert (await host.census()).load == 1
        await asyncio.sleep(0.4)
        assert (await host.census()).load == 0
        await asyncio.sleep(0.4)
        assert (await host.census()).rooms == ()


async def test_a_room_that_took_somebody_in_does_not_end_for_having_been_idle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("actors.room_host.CARE_S", 0.001)
    room = SETTINGS.room.model_copy(update={"idle_s": 0.05})
    async with hosting(settings=SETTINGS.model_copy(update={"room": room})) as (host, guest):
        answers = []
        await host.open(["r1"])
        for number in range(30):
            # Before it ends, about then, and after that.
            await asyncio.sleep(0.005 * number)
            refused = await guest.enter("r1", open_first=False)
            await asyncio.sleep(0.005)
            answers.append(refused)
            assert ("r1" in host._rooms) == (not refused)
            assert refused in ({}, {"c-r1": Refusal.ELSEWHERE})
            await host.leave("one", [("r1", "c-r1")])
            await host.open(["r1"])
        assert {} in answers
        assert {"c-r1": Refusal.ELSEWHERE} in answers


async def test_a_room_that_takes_more_than_its_share_waits_longer() -> None:
    async with hosting() as (host, guest):
        await guest.enter("light", "heavy")
        hosted = host._rooms
        for _ in range(20):
            hosted["heavy"].cpu_s += 0.5
            hosted["light"].cpu_s += 0.01
            host._share_cpu()
        assert host._weight(hosted["light"]) == 1
        assert host._weight(hosted["heavy"]) < 1


async def test_a_host_ends_only_without_rooms() -> None:
    async with hosting() as (host, guest):
        await guest.enter("r1")
        assert not await host.end()
        await host.close(["r1"])
        assert await host.end()
        assert not (await host.census()).accepting


async def test_what_a_room_counted_last_is_reported_after_its_end() -> None:
    async with hosting() as (host, guest):
        # As if there were a reporter to take it.
        host._settings = SETTINGS.model_copy(update={"telemetry": TelemetrySettings()})
        await guest.enter("r1")
        await guest.stream(0.5, "r1")
        results = guest.results("r1")
        await host.close(["r1"])
        reports = await host._count_rooms()
        assert reports["r1"].counts[("results",)] >= results > 0
        assert await host._count_rooms() == {}


def test_phases_share_the_rooms_once_there_is_a_call_s_worth_in_one() -> None:
    host = RoomHost("host", SETTINGS, MeanWorkers())
    for number in range(CROWD + 6):
        host._keep(HostedRoom(_room(host, f"r{number}"), "life", host._post, host._measure, 0.0))
    assert list(host._phases.values()).count(0) == CROWD
    for number in range(2 * CROWD):
        host._keep(HostedRoom(_room(host, f"s{number}"), "life", host._post, host._measure, 0.0))
    crowds = [list(host._phases.values()).count(phase) for phase in range(2)]
    assert abs(crowds[0] - crowds[1]) <= 1


async def test_who_sends_nothing_counts_for_little() -> None:
    async with hosting() as (host, guest):
        await guest.enter("r1", "r2", "r3")
        await guest.stream(0.2, "r1")
        assert (await host.census()).load == pytest.approx(1 + 2 * IDLE_WEIGHT)


async def test_a_newcomer_is_refused_while_answers_queue_before_any_step_is_shed() -> None:
    async with hosting() as (host, guest):
        for _ in range(2):
            host._congestion.observe(queued_s=1.0, worked_s=0.01)
            host._congestion.adjust()
        assert host._congestion.strain == 0
        assert await guest.enter("r1") == {"c-r1": Refusal.FULL}
        for _ in range(RELIEVED_TICKS):
            host._congestion.observe(queued_s=0.0, worked_s=0.01)
            host._congestion.adjust()
        assert await guest.enter("r1") == {}


async def test_rooms_know_what_their_hosts_bundle_knows_of_voices(tmp_path: Path) -> None:
    bundle = shutil.copytree(Settings().bundle, tmp_path / "bundle")
    voices = Voices(np.zeros(AUDIO_DIM, np.float32), weight=7, memory=600)
    save_file(voices.to_arrays(), bundle / BASELINE)
    write_manifest(bundle, Encoders(audio="embedded", face="embedded"), {}, {}, {})
    host = RoomHost("host", SETTINGS.model_copy(update={"bundle": bundle}), MeanWorkers())
    await host.open(["r1"])
    known = host._rooms["r1"].room._voices
    assert known is not None
    assert known.weight == 7


def _room(host: RoomHost, room_id: str):
    from hoovik.session.room import Room

    return Room(room_id, SETTINGS, host._congestion)
