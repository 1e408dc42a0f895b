"""What one call from process to process costs, by the ways there are."""

import asyncio
import pickle
import struct
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import ray
from numpy.typing import NDArray
from ray import serve
from ray.serve.config import ProxyLocation
from ray.serve.handle import DeploymentHandle

from hoovik.layout import AUDIO_DIM, WINDOW_SAMPLES

RATE = 40.0
"""Calls a second: a few rooms."""

WARM_UP = 20
IDLE = "nothing called"

Windows = list[NDArray[np.float32]]
QUESTION: Windows = [np.zeros(WINDOW_SAMPLES, np.float32) for _ in range(4)]
"""What a room asks the audio pool for at once: 150 kB, of which 16 kB come back."""

_LENGTH = struct.Struct("<I")


@dataclass(frozen=True)
class CallCost:
    """One way to call.

    Attributes:
        way: its name.
        caller_ms, callee_ms: CPU of one call in each process, without what they take idle.
        p50_ms: from asking to having the answer.
    """

    way: str
    caller_ms: float
    callee_ms: float
    p50_ms: float


class Callee:
    """Answers by every way."""

    async def encode(self, windows: Windows) -> Windows:
        """As many vectors."""
        return [np.zeros(AUDIO_DIM, np.float32) for _ in windows]

    async def cpu_s(self) -> float:
        """CPU of this process so far."""
        return time.process_time()

    async def listen(self) -> int:
        """Answer at a socket too; its port."""
        server = await asyncio.start_server(self._converse, "127.0.0.1", 0, limit=2**22)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (windows := await _receive(reader)) is not None:
            _send(writer, await self.encode(windows))


class Caller:
    """Calls by one way after another, as a room does."""

    def __init__(self, served: DeploymentHandle[Any], actor: Any) -> None:
        self._served = served
        self._actor = actor

    async def measure(self, calls: int) -> list[CallCost]:
        """Cost of each way."""
        by_value = self._served.options(_by_reference=False)
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", await self._actor.listen.remote(), limit=2**22
        )

        async def by_socket() -> object:
            _send(writer, QUESTION)
            return await _receive(reader)

        async def nothing() -> None: ...

        served, actor = self._served.cpu_s, self._actor.cpu_s
        ways: list[tuple[str, Callable[[], Awaitable[object]], Any]] = [
            ("Serve, by Ray's actors", lambda: self._served.encode.remote(QUESTION), served),
            ("Serve, by gRPC", lambda: by_value.encode.remote(QUESTION), served),
            ("a plain actor", lambda: self._actor.encode.remote(QUESTION), actor),
            ("a bare socket with pickle", by_socket, actor),
        ]
        idle = {
            callee: await self._measure(IDLE, nothing, callee, calls) for callee in (served, actor)
        }
        costs = [(await self._measure(way, call, who, calls), idle[who]) for way, call, who in ways]
        return [
            CallCost(
                cost.way,
                cost.caller_ms - base.caller_ms,
                cost.callee_ms - base.callee_ms,
                cost.p50_ms,
            )
            for cost, base in costs
        ]

    async def _measure(
        self, way: str, call: Callable[[], Awaitable[object]], callee_cpu: Any, calls: int
    ) -> CallCost:
        for _ in range(WARM_UP):
            await call()
        callee_s: float = await callee_cpu.remote()
        caller_s, begun_s, took_s = time.process_time(), time.monotonic(), []
        for number in range(calls):
            asked_s = time.monotonic()
            await call()
            took_s.append(time.monotonic() - asked_s)
            await asyncio.sleep(max(0.0, begun_s + (number + 1) / RATE - time.monotonic()))
        caller_s = time.process_time() - caller_s
        callee_s = await callee_cpu.remote() - callee_s
        each_ms = 1000 / calls
        return CallCost(
            way, each_ms * caller_s, each_ms * callee_s, 1000 * float(np.median(took_s))
        )


def measure_calls(calls: int) -> list[CallCost]:
    """Cost of each way, by so many calls; Ray is up."""
    serve.start(proxy_location=ProxyLocation.Disabled)
    deployed = serve.deployment(
        max_ongoing_requests=64, logging_config={"enable_access_log": False}
    )(Callee)
    served = serve.run(deployed.bind(), name="calls", route_prefix=None)
    options = {"num_cpus": 0, "max_concurrency": 100}
    actor = ray.remote(Callee).options(**options).remote()
    caller: Any = ray.remote(Caller).options(**options).remote(served, actor)
    costs: list[CallCost] = ray.get(caller.measure.remote(calls))
    return costs


def _send(writer: asyncio.StreamWriter, value: Windows) -> None:
    data = pickle.dumps(value, protocol=5)
    writer.write(_LENGTH.pack(len(data)) + data)


async def _receive(reader: asyncio.StreamReader) -> Windows | None:
    try:
        (size,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        value: Windows = pickle.loads(await reader.readexactly(size))
    except asyncio.IncompleteReadError:
        return None
    return value
