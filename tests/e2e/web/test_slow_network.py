"""A network that takes nothing for a while: nothing piles up in the browser."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest_asyncio
from playwright.async_api import expect

from tests.e2e.web.conftest import Visit

SMALL = 8192
"""Bytes that the slow network itself holds for the browser."""


SEGMENT = 1400


class Relay:
    """A TCP relay to the service; with `flowing` cleared it reads nothing from the browser."""

    def __init__(self, service: str) -> None:
        address = urlsplit(service)
        self._service = (address.hostname, address.port)
        self.flowing = asyncio.Event()
        self.flowing.set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_service, to_service = await asyncio.open_connection(*self._service)
        await asyncio.gather(self._up(reader, to_service), self._down(from_service, writer))

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(SMALL):
            await self.flowing.wait()
            writer.write(data)
            await writer.drain()
        writer.close()

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(2**16):
                writer.write(data)
                await writer.drain()
            writer.close()


@pytest_asyncio.fixture(loop_scope="session")
async def relay(service: str) -> AsyncIterator[tuple[Relay, str]]:
    relay = Relay(service)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    # As over a real network; in the 64 kB segments of loopback the kernel itself keeps megabytes.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
    listener.bind(("127.0.0.1", 0))
    server = await asyncio.start_server(relay.carry, sock=listener, limit=SMALL)
    yield relay, f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.close()


async def test_while_the_network_is_stuck_frames_are_skipped_and_counted(
    visit: Visit, relay: tuple[Relay, str], room: str
) -> None:
    network, url = relay
    ada = await visit(url=url)
    await ada.join("ada", room)
    network.flowing.clear()
    await expect(ada.page.locator("#skipped")).to_contain_text("skipped", timeout=8_000)
    network.flowing.set()
    await ada.sees_results()
    await expect(ada.page.locator("#state")).to_have_text("Live")
