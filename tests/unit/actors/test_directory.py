"""The directory as a plain object: hosts of this process, which come, fill, drain and die."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from actors import directory as module
from actors.directory import Directory
from actors.parcel import Entry
from actors.room_host import RoomHost
from hoovik.settings import RoomSettings, Settings
from tests.hosts import QUIET, Handle
from tests.workers import MeanWorkers

SETTINGS = Settings(
    telemetry=QUIET, room=RoomSettings(participants_per_host=2, spare_hosts=1, idle_s=5.0)
)


class Processes:
    """What Ray would start and kill."""

    def __init__(self) -> None:
        self.hosts: dict[str, Handle] = {}

    def start(self, host_id: str, settings: Settings, _workers: bytes) -> Handle:
        self.hosts[host_id] = Handle(RoomHost(host_id, settings, MeanWorkers()))
        return self.hosts[host_id]

    def named(self, prefix: str) -> dict[str, Handle]:
        return {name: one for name, one in self.hosts.items() if name.startswith(prefix)}

    def kill(self, handle: Handle, *, no_restart: bool) -> None:
        assert no_restart
        handle.dead = True
        handle.actor._supervisor.close()
        self.hosts = {name: one for name, one in self.hosts.items() if one is not handle}

    def holding(self, room_id: str) -> list[str]:
        return [name for name, one in self.hosts.items() if room_id in one.actor._rooms]


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Processes:
    made = Processes()
    monkeypatch.setattr(module, "_start_host", made.start)
    monkeypatch.setattr(module, "named", made.named)
    monkeypatch.setattr(module.ray, "kill", made.kill)
    monkeypatch.setattr(module, "CENSUS_S", 0.05)
    return made


@asynccontextmanager
async def directing() -> AsyncIterator[Directory]:
    directory = Directory("key", SETTINGS, b"")
    try:
        yield directory
    finally:
        directory._supervisor.close()
        for handle in directory._handles.values():
            handle.actor._supervisor.close()


async def _fill(processes: Processes, room_id: str, people: int) -> None:
    (host_id,) = processes.holding(room_id)
    entries = [Entry(room_id, f"{room_id}-{n}", f"p{n}") for n in range(people)]
    assert await processes.hosts[host_id].actor.enter("link", entries) == {}


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_room_keeps_its_host_and_is_in_one_alone(processes: Processes) -> None:
    async with directing() as directory:
        asked = await asyncio.gather(*(directory.find(["r1", "r2"]) for _ in range(5)))
        assert len({one["r1"].host_id for one in asked}) == 1
        assert processes.holding("r1") == [asked[0]["r1"].host_id]
        assert await directory.attend() >= 1


async def test_rooms_of_a_host_that_died_are_opened_in_another(processes: Processes) -> None:
    async with directing() as directory:
        first = (await directory.find(["r1"]))["r1"]
        processes.kill(first.handle, no_restart=True)
        second = (await directory.find(["r1"], lost=[first.host_id]))["r1"]
        assert second.host_id != first.host_id
        assert processes.holding("r1") == [second.host_id]


async def test_a_new_directory_asks_the_hosts_what_they_hold(processes: Processes) -> None:
    async with directing() as first:
        places = await first.find(["r1", "r2", "r3"])
        first._supervisor.close()
        async with directing() as second:
            assert await second.find(["r1", "r2", "r3"]) == places


async def test_a_host_that_is_drained_hands_over_and_takes_no_more(processes: Processes) -> None:
    async with directing() as directory:
        full = (await directory.find(["r1", "r2"]))["r1"].host_id
        await _fill(processes, "r1", 1)
        assert await directory.drain(full)
        assert full not in processes.holding("r1") + processes.holding("r2")
        (now_in,) = processes.holding("r1")
        assert len(processes.hosts[now_in].actor._rooms["r1"].members) == 1
        assert (await directory.find(["r3"]))["r3"].host_id != full


async def test_its_task_comes_back_when_it_is_killed(processes: Processes) -> None:
    async with directing() as directory:
        await directory.find(["r1"])
        killed = directory._supervisor.tasks["census"]
        killed.cancel()
        await _until(lambda: directory._supervisor.tasks.get("census") not in (None, killed))
        (host_id,) = processes.holding("r1")
        dead = processes.hosts[host_id]
        processes.kill(dead, no_restart=True)
        # Nobody asks: the count itself finds that the host is gone.
        await _until(lambda: host_id not in directory._roster.hosts)
