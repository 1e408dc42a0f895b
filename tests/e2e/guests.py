"""Guests of a meeting who stream the sample meeting's media, and note what they are told and when."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import count, pairwise
from typing import Any

import httpx
import numpy as np
import psutil
import ray
from numpy.typing import NDArray
from pydantic import ValidationError

from actors.detached import NAMESPACE
from actors.roster import Census
from bench.load import SAMPLE_MEETING, speaking_all_the_time
from hoovik.layout import SAMPLE_RATE
from hoovik.schema.outbound import EmotionError, EmotionResult, OutboundEvent
from hoovik.schema.stats import RoomCounts, Stats
from hoovik_client.client import Client, Reading
from hoovik_client.player import Player
from hoovik_client.recording import Recording, read_recording

CHUNK = SAMPLE_RATE // 10


@cache
def talker(file: str = "mira.mp4") -> Recording:
    """A face always in view and a voice without pauses."""
    return speaking_all_the_time(read_recording(SAMPLE_MEETING / file))


@dataclass
class Diary:
    """What one client was told, with the times at which it was."""

    readings: list[Reading] = field(default_factory=list)

    def note(self, reading: Reading) -> None:
        self.readings.append(reading)

    def messages(self) -> Iterator[OutboundEvent]:
        return (reading.message for reading in self.readings)

    @property
    def results(self) -> list[Reading]:
        return [one for one in self.readings if isinstance(one.message, EmotionResult)]

    @property
    def authors(self) -> set[str]:
        """Whose results came."""
        return {
            message.participant_id
            for message in self.messages()
            if isinstance(message, EmotionResult)
        }

    @property
    def error_codes(self) -> list[str]:
        return [message.code for message in self.messages() if isinstance(message, EmotionError)]

    def results_since(self, time_s: float) -> int:
        return sum(reading.received_s >= time_s for reading in self.results)

    def longest_silence_s(self, since_s: float, until_s: float) -> float:
        """Longest time without a result between two moments."""
        times = [one.received_s for one in self.results if since_s <= one.received_s <= until_s]
        edges = [since_s, *times, until_s]
        return max(later - earlier for earlier, later in pairwise(edges))


@dataclass(frozen=True)
class Stage:
    """One room of a running service."""

    url: str
    room_id: str

    def client(self, participant_id: str, *, role: str = "participant") -> Client:
        return Client(self.url, participant_id, room_id=self.room_id, role=role)

    @asynccontextmanager
    async def streaming(
        self, participant_id: str, recording: Recording | None = None
    ) -> AsyncIterator[Diary]:
        """A participant who streams for as long as the block lasts; returns once results come."""
        diary = Diary()
        player = Player(lambda: self.client(participant_id), recording or talker(), diary.note)
        playing = asyncio.create_task(player.play(600))
        try:
            await until(lambda: len(diary.results) >= 2 or playing.done())
            yield diary
        finally:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)

    @asynccontextmanager
    async def listening(
        self, participant_id: str, *, role: str = "participant"
    ) -> AsyncIterator[tuple[Client, Diary]]:
        """A client that sends nothing by itself, and what it is told."""
        diary = Diary()

        async def listen(client: Client) -> None:
            async for reading in client.readings():
                diary.note(reading)

        async with self.client(participant_id, role=role) as client:
            listener = asyncio.create_task(listen(client))
            try:
                await until(lambda: bool(diary.readings))
                yield client, diary
            finally:
                listener.cancel()


def processes(title: str) -> list[psutil.Process]:
    """Processes whose title begins so, of the service that these tests started."""
    ours = psutil.Process().children(recursive=True)
    return [one for one in ours if one.is_running() and " ".join(_title(one)).startswith(title)]


def _title(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []


def directory() -> Any:
    """The service's directory of rooms."""
    named = ray.util.list_named_actors(all_namespaces=True)
    (name,) = (one["name"] for one in named if one["name"].startswith("directory-"))
    return ray.get_actor(name, NAMESPACE)


def room_hosts() -> dict[str, Census]:
    """What each room host holds."""
    return ray.get(directory().hosts.remote(), timeout=10)


def open_rooms() -> set[str]:
    """Rooms that a host has."""
    return {room for census in room_hosts().values() for room in census.rooms}


def host_of(room_id: str) -> str:
    """The host that has a room."""
    (host_id,) = (one for one, census in room_hosts().items() if room_id in census.rooms)
    return host_id


async def kill_host(room_id: str) -> float:
    """``kill -9`` the process that has a room; returns when."""
    await until(lambda: len(room_hosts()) == 2)
    pid = room_hosts()[host_of(room_id)].pid
    killed_s = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    return killed_s


async def read_stats(url: str) -> Stats:
    """What an operator is told."""
    async with httpx.AsyncClient() as http:
        return Stats.model_validate((await http.get(f"{url}/stats/json")).json())


async def room_counts(
    stage: Stage, condition: Callable[[RoomCounts], bool], timeout_s: float = 15.0
) -> RoomCounts:
    """What an operator is told of a room, once it is so; reports take some seconds."""
    deadline_s = time.monotonic() + timeout_s
    while True:
        with suppress(ValidationError):  # telemetry may be away for a moment
            for room in (await read_stats(stage.url)).open_rooms:
                if room.room == stage.room_id and condition(room):
                    return room
        assert time.monotonic() < deadline_s, f"{stage.room_id} is not told of so"
        await asyncio.sleep(0.3)


async def stream_until(
    condition: Callable[[], bool],
    send: Callable[[NDArray[np.float32], bytes | None], Awaitable[object]],
    timeout_s: float = 30.0,
) -> None:
    """Send the talker's media in real time, (1600,) samples and every other time an image, until
    a condition holds; fails after a time."""
    recording, deadline_s = talker(), time.monotonic() + timeout_s
    for number in count():
        if condition():
            return
        assert time.monotonic() < deadline_s, f"not so within {timeout_s} s of streaming"
        begin = number * CHUNK % (recording.audio.size - CHUNK)
        _, image = recording.frames[number // 2 % len(recording.frames)]
        await send(recording.audio[begin : begin + CHUNK], image if number % 2 == 0 else None)
        await asyncio.sleep(CHUNK / SAMPLE_RATE)


async def until(condition, timeout_s: float = 30.0) -> None:
    """Wait for a condition; fails after a time."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, f"not so within {timeout_s} s"
        await asyncio.sleep(0.05)
