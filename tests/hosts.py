"""Room hosts without Ray: the same objects in this process, behind handles that look like Ray's."""

import pickle
from collections.abc import AsyncIterator, Callable
from typing import Any

from ray.exceptions import RayError

from actors.directory import HostPlace
from actors.room_host import RoomHost
from actors.workers import Workers
from hoovik.settings import Settings, TelemetrySettings
from tests.workers import MeanWorkers

QUIET = TelemetrySettings(report_s=0)
"""Nobody to report to."""


def sent(value: Any) -> Any:
    """What arrives of a value that Ray brings: its arrays lie in memory that cannot be written to."""
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    return pickle.loads(data, buffers=[bytes(buffer.raw()) for buffer in buffers])


class Method:
    """What an actor handle makes of a method: `remote` starts it, `options` changes nothing."""

    def __init__(self, handle: "Handle", method: Callable[..., Any]) -> None:
        self._handle = handle
        self._method = method

    def options(self, **_: object) -> "Method":
        return self

    def remote(self, *arguments: Any) -> Any:
        answer = self._method(*arguments)
        return self._stream(answer) if hasattr(answer, "__aiter__") else self._answer(answer)

    async def _answer(self, answer: Any) -> Any:
        if self._handle.dead:
            answer.close()
            raise RayError("the process is gone")
        return await answer

    async def _stream(self, answer: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async def resolved(value: Any) -> Any:
            return value

        async for value in answer:
            if self._handle.dead:
                break
            yield resolved(value)
        if self._handle.dead:
            raise RayError("the process is gone")


class Handle:
    """An actor of this process; once `dead`, it answers as one whose process was killed."""

    def __init__(self, actor: Any) -> None:
        self.actor = actor
        self.dead = False

    def __getattr__(self, name: str) -> Method:
        return Method(self, getattr(self.actor, name))


class LocalDirectory:
    """Puts every room into the first host that is alive."""

    def __init__(self, settings: Settings, workers: Workers | None = None, hosts: int = 2) -> None:
        self.handles = {
            f"host-{n}": Handle(RoomHost(f"host-{n}", settings, workers or MeanWorkers()))
            for n in range(hosts)
        }
        self.places: dict[str, str] = {}

    async def attend(self) -> int:
        return len(self.handles)

    async def find(
        self, room_ids: list[str], _lost: list[str] | None = None
    ) -> dict[str, HostPlace]:
        alive = [host_id for host_id, handle in self.handles.items() if not handle.dead]
        for room_id in room_ids:
            if self.places.get(room_id) not in alive:
                self.places[room_id] = alive[0]
            await self.handles[self.places[room_id]].actor.open([room_id])
        return {one: self._place(self.places[one]) for one in room_ids}

    async def move(self, room_id: str, to: str) -> None:
        state = sent(await self.handles[self.places[room_id]].actor.hand_over(room_id))
        await self.handles[to].actor.take_over(state)
        self.places[room_id] = to

    def kill(self, host_id: str) -> None:
        """As `kill -9` does: its streams break, its calls fail."""
        handle = self.handles[host_id]
        handle.dead = True
        handle.actor._supervisor.close()
        for link in handle.actor._links.values():
            link.events.close()

    def close(self) -> None:
        for handle in self.handles.values():
            handle.actor._supervisor.close()

    def _place(self, host_id: str) -> HostPlace:
        return HostPlace(host_id, self.handles[host_id])
