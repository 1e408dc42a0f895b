"""The description of the sockets against the running service, and its page in a browser."""

import asyncio
import json
from typing import Any

import httpx
import numpy as np
import socketio
from numpy.typing import NDArray
from playwright.async_api import expect
from websockets.asyncio.client import connect

from hoovik.schema.asyncapi import asyncapi_document
from hoovik.schema.framing import pack_audio, pack_event, pack_frame
from tests.asyncapi import CHANNELS, faults, messages
from tests.e2e.guests import Stage, stream_until
from tests.e2e.web.conftest import Visit
from tests.e2e.web.test_accessibility import grave_faults

RESULTS = 5
EXPECTED = {"server.status", "emotion.result", "emotion.error", "pong"}


async def test_the_document_is_what_the_generator_makes(service: str) -> None:
    async with httpx.AsyncClient() as http:
        reply = await http.get(f"{service}/asyncapi.json")
    assert reply.json() == json.loads(json.dumps(asyncapi_document()))


async def test_what_socketio_brings_is_as_described(stage: Stage) -> None:
    heard: list[tuple[str, Any]] = []
    client = socketio.AsyncClient(reconnection=False)
    client.on("*", lambda event, data: heard.append((event, data)))
    auth = {"participantId": "ada", "roomId": stage.room_id}
    await client.connect(stage.url, auth=auth, transports=["websocket"])

    async def send(samples: NDArray[np.float32], image: bytes | None) -> None:
        await client.emit("audio_chunk", {"buffer": samples.tobytes(), "encoding": "f32le"})
        if image is not None:
            await client.emit("frame", image)

    await stream_until(
        lambda: [event for event, _ in heard].count("emotion.result") >= RESULTS, send
    )
    await client.emit("ping")
    await client.emit("frame", b"no picture")
    await asyncio.sleep(1)
    await client.disconnect()
    assert {event for event, _ in heard} >= EXPECTED
    assert [(event, faults("socketio", event, data)) for event, data in heard] == [
        (event, []) for event, _ in heard
    ]


async def test_what_a_websocket_brings_is_as_described(stage: Stage) -> None:
    heard: list[dict[str, Any]] = []

    async def listen() -> None:
        while True:
            heard.append(json.loads(await socket.recv()))

    async with connect(f"{stage.url.replace('http', 'ws')}/ws") as socket:
        listening = asyncio.create_task(listen())
        await socket.send(pack_event("auth", {"participantId": "ada", "roomId": stage.room_id}))

        async def send(samples: NDArray[np.float32], image: bytes | None) -> None:
            await socket.send(pack_audio(samples.tobytes()))
            if image is not None:
                await socket.send(pack_frame(image))

        await stream_until(
            lambda: [one["event"] for one in heard].count("emotion.result") >= RESULTS, send
        )
        await socket.send(pack_event("ping", None))
        await socket.send(pack_event("become.admin", {}))
        await asyncio.sleep(1)
        listening.cancel()
    assert {message["event"] for message in heard} >= EXPECTED
    assert [fault for message in heard for fault in faults("ws", message["event"], message)] == []


async def test_the_page_shows_every_message_and_field(visit: Visit) -> None:
    reader = await visit("/asyncapi")
    page = reader.page
    shown = page.locator("details.message")
    await expect(shown).to_have_count(sum(len(messages(channel)) for channel in CHANNELS))
    for channel in CHANNELS:
        for name, message in messages(channel).items():
            text = await page.locator(f'[id="{channel}/{name}"]').text_content()
            assert text is not None
            assert message["title"] in text
            assert all(example["summary"] in text for example in message["examples"])
    result = page.locator('[id="ws/emotion.result"]')
    await result.locator("summary").click()
    field = result.locator("dl > div", has=page.get_by_text("data.result.emotion", exact=True))
    await expect(field).to_contain_text("string required")
    await expect(field).to_contain_text("neutral/calm")
    errors = page.locator('[id="socketio/emotion.error"]')
    await errors.locator("summary").click()
    await expect(errors).to_contain_text("RESULT_LOST A worker died or did not answer in time")


async def test_the_filter_leaves_what_has_all_the_words(visit: Visit) -> None:
    page = (await visit("/asyncapi")).page
    box, found = page.get_by_label("Filter"), page.locator("#found")
    left = page.locator("details.message:visible")
    await box.fill("cameraEnabled")
    await expect(left).to_have_count(2)
    await expect(found).to_have_text("2 of 29 messages")
    # What was found is inside, so it is open.
    await expect(page.get_by_text("data.cameraEnabled", exact=True)).to_be_visible()
    await box.fill("sampleRate BINARY")
    await expect(left).to_have_count(4)
    await expect(page.get_by_role("heading", name="Socket.IO")).to_be_hidden()
    await box.fill("no such thing")
    await expect(left).to_have_count(0)
    await expect(found).to_have_text("No message has all of these words.")
    await box.fill("")
    await expect(left).to_have_count(29)
    await expect(page.locator("details[open]")).to_have_count(0)


async def test_a_message_has_an_address_of_its_own(visit: Visit) -> None:
    page = (await visit("/asyncapi#ws/binary.f32le")).page
    message = page.locator('[id="ws/binary.f32le"]')
    await expect(message.get_by_role("row", name="2 kind = 2")).to_be_in_viewport()
    await expect(message.get_by_text("48 56 02 00 80 bb 00 00")).to_be_visible()
    await page.get_by_label("Filter").fill("backpressure")
    await page.evaluate("() => (location.hash = '#socketio/auth')")
    await expect(page.locator('[id="socketio/auth"] dl')).to_be_in_viewport()


async def test_messages_open_by_keyboard(visit: Visit) -> None:
    page = (await visit("/asyncapi")).page
    await page.get_by_label("Filter").focus()
    for _ in range(5):
        await page.keyboard.press("Tab")
    # The button, three links, and the first message.
    await page.keyboard.press("Enter")
    await expect(page.locator('[id="socketio/auth"]')).to_have_attribute("open", "")


async def test_everybody_can_read_it(visit: Visit) -> None:
    reader = await visit("/asyncapi")
    await reader.press("Open all")
    await expect(reader.page.locator("details[open]")).to_have_count(29)
    beyond = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for width in (1280, 390):
        await reader.page.set_viewport_size({"width": width, "height": 900})
        assert await reader.page.evaluate(beyond) == 0, width
        assert await grave_faults(reader) == [], width


async def test_the_http_endpoints_need_no_other_host(visit: Visit, service: str) -> None:
    reader = await visit(None)
    asked: list[str] = []
    reader.page.on("request", lambda request: asked.append(request.url))
    await reader.page.goto(f"{service}/docs")
    await expect(reader.page.locator(".opblock-post")).to_contain_text("predict")
    await expect(reader.page.get_by_role("link", name="a page of their own")).to_be_visible()
    assert [url for url in asked if not url.startswith((service, "data:"))] == []
