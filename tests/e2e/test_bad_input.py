"""What is wrong gets its code, on the socket that sent it, and nothing else breaks."""

import asyncio
import base64
import struct
import time
from collections.abc import Iterator

import numpy as np
import pytest
import socketio

from tests.e2e.guests import Stage, talker, until

JPEG = talker().frames[0][1]
HUGE_PNG = (
    b"\x89PNG\r\n\x1a\n"
    + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 60_000, 60_000, 8, 2, 0, 0, 0)
    + bytes(64)
)


def chunk(value: float) -> bytes:
    return np.full(1600, value, "<f4").tobytes()


BAD = {
    "truncated JPEG": ("frame", JPEG[: len(JPEG) // 2], "BAD_IMAGE"),
    "a JPEG of noise": ("frame", JPEG[:600] + bytes(900) + b"\xff\xd9", "BAD_IMAGE"),
    "PNG header of 60,000 x 60,000": ("frame", HUGE_PNG, "IMAGE_TOO_LARGE"),
    "5 MB of frame": ("frame", JPEG + bytes(5 * 2**20), "IMAGE_TOO_LARGE"),
    "text as frame": ("frame", "not a picture", "BAD_MESSAGE"),
    "base64 text as frame": ("frame", base64.b64encode(b"text").decode(), "BAD_IMAGE"),
    "text as audio": ("audio_chunk", "hello", "BAD_MESSAGE"),
    "bytes of text as audio": ("audio_chunk", b"hello there, hello " * 4, "BAD_AUDIO"),
    "odd byte count": ("audio_chunk", chunk(0.1)[:-1], "BAD_AUDIO"),
    "NaN": ("audio_chunk", chunk(float("nan")), "BAD_AUDIO"),
    "infinity": ("audio_chunk", chunk(float("inf")), "BAD_AUDIO"),
    "3 MB of audio": ("audio_chunk", bytes(3 * 2**20), "AUDIO_TOO_LARGE"),
    "a broken container": ("audio_chunk", b"fLaC" + bytes(100), "BAD_AUDIO"),
    "nothing": ("audio_chunk", None, "BAD_MESSAGE"),
    "another participant's sound": (
        "audio_chunk",
        {"participantId": "ben", "buffer": chunk(0.1)},
        "FORBIDDEN_PARTICIPANT",
    ),
    "another participant's button": (
        "participant.media_state",
        {"participantId": "ben", "micEnabled": False, "cameraEnabled": False},
        "FORBIDDEN_PARTICIPANT",
    ),
    "unknown event": ("become.admin", {}, "UNKNOWN_EVENT"),
    "a second join": ("auth", {"participantId": "ben"}, "ALREADY_JOINED"),
}


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """One loop for the whole module, so that the guests stay while tests come and go."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(scope="module")
def guests(loop: asyncio.AbstractEventLoop, service: str):
    stage = Stage(service, "bad-input")
    ben, ada = stage.streaming("ben"), stage.listening("ada")
    bens = loop.run_until_complete(ben.__aenter__())
    client, told = loop.run_until_complete(ada.__aenter__())
    yield bens, client, told
    loop.run_until_complete(ada.__aexit__(None, None, None))
    loop.run_until_complete(ben.__aexit__(None, None, None))


@pytest.mark.parametrize("what", BAD)
def test_bad_input_gets_its_code_and_disturbs_nobody(what: str, loop, guests) -> None:
    event, payload, code = BAD[what]
    ben, ada, told = guests
    before = len(told.error_codes)
    sent_s = time.monotonic()

    async def misbehave() -> None:
        await ada.send(event, payload)
        await until(lambda: len(told.error_codes) > before, timeout_s=10)
        await asyncio.sleep(0.5)

    loop.run_until_complete(misbehave())
    assert told.error_codes[before:] == [code]
    assert ben.error_codes == []
    assert ben.longest_silence_s(sent_s, time.monotonic()) < 1.5
    assert ada.connections == 1
    assert ada.connected


def test_two_hundred_joins_from_one_socket(loop, guests) -> None:
    ben, ada, told = guests
    before = len(told.error_codes)
    sent_s = time.monotonic()

    async def storm() -> None:
        for number in range(200):
            await ada.send("join", {"participantId": f"clone-{number}", "roomId": "bad-input"})
        await until(lambda: len(told.error_codes) >= before + 200, timeout_s=20)

    loop.run_until_complete(storm())
    assert set(told.error_codes[before:]) == {"ALREADY_JOINED"}
    assert ben.longest_silence_s(sent_s, time.monotonic()) < 1.5
    assert ada.connected


@pytest.mark.parametrize(
    ("auth", "code"),
    [
        (None, "BAD_AUTH"),
        ({}, "BAD_AUTH"),
        ({"participantId": "ada", "role": "admin"}, "BAD_AUTH"),
        ({"participantId": "x" * 200}, "BAD_AUTH"),
        ({"role": "observer"}, "BAD_AUTH"),
    ],
)
async def test_a_bad_auth_is_told_why_and_let_go(service: str, auth, code: str) -> None:
    socket = socketio.AsyncClient(reconnection=False)
    errors: list[dict] = []
    socket.on("emotion.error", errors.append)
    await socket.connect(service, auth=auth, transports=["websocket"])
    await until(lambda: not socket.connected and bool(errors), timeout_s=10)
    assert [error["code"] for error in errors] == [code]
    await socket.shutdown()


async def test_an_observer_sends_no_media(stage: Stage) -> None:
    async with stage.listening("watcher", role="observer") as (client, told):
        await client.send("frame", JPEG)
        await until(lambda: told.error_codes == ["FORBIDDEN_PARTICIPANT"])
