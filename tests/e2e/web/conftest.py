"""One browser for all tests of the pages, with a face always in view and a voice without pauses."""

import shutil
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect
from pytest_asyncio import is_async_test

from bench.load import SAMPLE_MEETING
from hoovik.layout import SAMPLE_RATE
from tests.e2e.guests import Stage, talker
from tests.e2e.web.visitor import Visitor

CHROMIUM = shutil.which("chromium") or ""
CAMERA_FPS = 10
CAMERA_S = 8
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# The machine also runs Ray; what has to be quick is timed where it is.
expect.set_options(timeout=15_000)

Visit = Callable[..., Awaitable[Visitor]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser lives on the event loop that it was started on: these tests share one."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the browser's camera shows, over and over: raw pictures, which cost little to read."""
    path = tmp_path_factory.mktemp("camera") / "mira.y4m"
    with av.open(str(SAMPLE_MEETING / "mira.mp4")) as clip, path.open("wb") as file:
        (stream,) = clip.streams.video
        step = round(float(stream.average_rate) / CAMERA_FPS)
        file.write(b"YUV4MPEG2 W640 H360 F%d:1 Ip A1:1 C420jpeg\n" % CAMERA_FPS)
        for number, frame in enumerate(clip.decode(stream)):
            if number >= CAMERA_S * CAMERA_FPS * step:
                break
            if number % step == 0:
                file.write(b"FRAME\n" + frame.to_ndarray(format="yuv420p").tobytes())
    return path


@pytest.fixture(scope="session")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the browser's microphone hears, over and over."""
    path = tmp_path_factory.mktemp("microphone") / "mira.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(np.rint(talker().audio * 32767).astype("<i2").tobytes())
    return path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(camera: Path, microphone: Path) -> AsyncIterator[Browser]:
    if not CHROMIUM:
        pytest.skip("the pages are tested in Chromium, and there is no `chromium` on this machine")
    media = [
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={camera}",
        f"--use-file-for-fake-audio-capture={microphone}",
    ]
    async with async_playwright() as playwright:
        chromium = playwright.chromium
        browser = await chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *media])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, service: str) -> AsyncIterator[Visit]:
    """Opens a page in a browser profile of its own; at the end none may have had an error."""
    visitors: list[Visitor] = []

    async def open_page(
        path: str | None = "/",
        *,
        url: str = service,
        allow: tuple[str, ...] = ("camera", "microphone"),
        **options: Any,
    ) -> Visitor:
        context = await browser.new_context(permissions=list(allow), **options)
        visitor = Visitor(await context.new_page())
        visitors.append(visitor)
        if path is not None:
            await visitor.page.goto(url + path)
        return visitor

    yield open_page
    for visitor in visitors:
        await visitor.page.context.close()
    assert [error for visitor in visitors for error in visitor.errors] == []


@pytest.fixture
def room(stage: Stage) -> str:
    """A room of this test's own."""
    return stage.room_id


async def run(visit: Visit, script: str, *arguments: Any) -> Any:
    """What a script returns that uses the modules of the pages."""
    visitor = await visit()
    return await visitor.page.evaluate(script, list(arguments))
