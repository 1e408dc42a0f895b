"""The client before a small Socket.IO service that is full at first."""

import asyncio
import socket
from collections.abc import AsyncIterator

import numpy as np
import pytest
import socketio
import uvicorn

from hoovik.schema.outbound import EmotionError
from hoovik.session.messages import server_status
from hoovik.settings import Settings
from hoovik_client import Client, ClosedError, client, recording_of
from hoovik_client.pacing import LATER, Pauses

FULL = EmotionError(code="AT_CAPACITY", message="full", ts=0.0)
REPLACED = EmotionError(code="REPLACED", message="elsewhere", ts=0.0)
STATUS = server_status(Settings(), "standup", "ada", None, 0.0)


class Service:
    """Gives one answer to each connection, in turn; an error ends it."""

    def __init__(self) -> None:
        self.answers = [STATUS]
        self.sio = socketio.AsyncServer(async_mode="asgi", always_connect=True)
        self.sio.on("connect", self._connected)

    async def _connected(self, sid: str, _environ: dict, _auth: dict) -> None:
        answer = self.answers.pop(0)
        await self.sio.emit(answer.event, answer.to_wire(), to=sid)
        if answer is not STATUS:
            await self.sio.disconnect(sid)


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Service, str]]:
    monkeypatch.setitem(client.AGAIN, "AT_CAPACITY", Pauses(0.01, 0.02))
    service = Service()
    config = uvicorn.Config(socketio.ASGIApp(service.sio), log_level="warning")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server.serve([listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield service, f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


async def test_who_finds_no_place_comes_again(service: tuple[Service, str]) -> None:
    small, url = service
    small.answers = [FULL, FULL, FULL, STATUS]
    async with Client(url, "ada") as ada:
        await ada.joined()
        readings = ada.readings()
        told = [(await anext(readings)).message for _ in range(4)]
        assert told == [FULL, FULL, FULL, STATUS]
        assert ada.connected
        assert ada.connections == 4


@pytest.mark.parametrize(("answer", "patient"), [(FULL, False), (REPLACED, True)])
async def test_what_is_over_is_over(
    service: tuple[Service, str], answer: EmotionError, patient: bool
) -> None:
    small, url = service
    small.answers = [answer, STATUS]
    async with Client(url, "ada", patient=patient) as ada:
        with pytest.raises(ClosedError, match=answer.code):
            async for _ in ada.stream(recording_of(np.zeros(16_000, np.float32))):
                pass
        assert ada.connections == 1
        assert small.answers == [STATUS]


async def test_a_client_that_is_closed_does_not_come_again(
    service: tuple[Service, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    small, url = service
    monkeypatch.setitem(client.AGAIN, "AT_CAPACITY", LATER)
    small.answers = [FULL, STATUS]
    async with Client(url, "ada") as ada:
        assert (await anext(ada.readings())).message == FULL
        while ada._coming_again is None:
            await asyncio.sleep(0.01)
    await asyncio.gather(ada._coming_again, return_exceptions=True)
    assert ada._coming_again.cancelled()


def test_pauses_grow_and_differ() -> None:
    pauses = Pauses(2.0, 30.0)
    for failures, longest_s in ((1, 2), (2, 4), (4, 16), (5, 30), (50, 30)):
        found = [pauses.after(failures) for _ in range(200)]
        assert longest_s / 2 <= min(found) < 0.6 * longest_s
        assert 0.9 * longest_s < max(found) <= longest_s
