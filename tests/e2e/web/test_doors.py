"""Who is not let in, and what a page says then: the ingress of other settings, in this process.

It refuses before any room is asked for, so it needs no Ray.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import jwt
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.async_api import expect
from pydantic import SecretStr

from deployments.ingress.lobby import Lobby
from deployments.ingress.pages import build_pages
from deployments.ingress.websocket_app import build_websocket
from hoovik.settings import AuthSettings, ServeSettings, Settings
from tests.e2e.conftest import free_port
from tests.e2e.web.conftest import Visit
from tests.workers import MeanWorkers

SECRET = "a secret of at least thirty-two bytes"
LOCKED = Settings(auth=AuthSettings(jwt_secret=SecretStr(SECRET)))
FULL = Settings(serve=ServeSettings(max_sockets=0))
ELSEWHERE = Settings(auth=AuthSettings(allowed_origins=("https://meet.example",)))
JOIN = "Join with camera and microphone"


@contextmanager
def ingress(settings: Settings) -> Iterator[str]:
    """Pages and WebSocket of these settings; their address."""
    http = FastAPI()
    http.include_router(build_websocket(Lobby(settings, MeanWorkers())))
    http.include_router(build_pages(settings))
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(http, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def serve() -> Iterator[Callable[[Settings], str]]:
    with ExitStack() as servers:
        yield lambda settings: servers.enter_context(ingress(settings))


def token_of(**claims: str) -> str:
    claims = {"sub": "ada", "room": "standup", "exp": time.time() + 3600, **claims}
    return jwt.encode(claims, SECRET, algorithm="HS256")


async def test_a_token_is_asked_for_where_the_service_does(visit: Visit, serve) -> None:
    ada = await visit(url=serve(LOCKED))
    token = ada.page.get_by_label("Token")
    await expect(token).to_be_visible()
    await token.fill("no token")
    await ada.agree("ada", "standup")
    await ada.press(JOIN)
    await expect(ada.page.locator("#notice")).to_contain_text("The token is not good")
    await expect(ada.page.locator("#entry")).to_be_visible()


async def test_a_token_of_the_address_fills_the_form_and_leaves_the_address(
    visit: Visit, serve
) -> None:
    token = token_of()
    ada = await visit(f"/#token={token}", url=serve(LOCKED))
    await expect(ada.page.get_by_label("Your name")).to_have_value("ada")
    await expect(ada.page.get_by_role("textbox", name="Room")).to_have_value("standup")
    await expect(ada.page.get_by_label("Token")).to_have_value(token)
    assert "token" not in ada.page.url


async def test_an_observer_is_asked_for_a_token(visit: Visit, serve) -> None:
    watcher = await visit("/room/standup", url=serve(LOCKED))
    await watcher.page.get_by_label("Token of an observer").fill(token_of())
    await watcher.press("Watch")
    # It is a participant's.
    await expect(watcher.page.locator("#notice")).to_contain_text("The token is not good")
    await expect(watcher.page.get_by_label("Token of an observer")).to_be_visible()


async def test_a_full_room_is_tried_again(visit: Visit, serve) -> None:
    ada = await visit(url=serve(FULL))
    await ada.agree("ada", "standup")
    await ada.press(JOIN)
    state = ada.page.locator("#state")
    await expect(state).to_contain_text("The room is full. Trying again in")
    await ada.press("Leave")
    await expect(ada.page.locator("#entry")).to_be_visible()


async def test_a_page_of_an_origin_that_is_not_allowed_says_so(visit: Visit, serve) -> None:
    ada = await visit(url=serve(ELSEWHERE))
    await ada.agree("ada", "standup")
    await ada.press(JOIN)
    await expect(ada.page.locator("#notice")).to_contain_text("takes no connections")


async def test_untrained_models_are_marked_before_anybody_joins(visit: Visit, serve) -> None:
    url = serve(LOCKED.model_copy(update={"untrained": True}))
    for path in ("/", "/room/standup"):
        visitor = await visit(path, url=url)
        await expect(visitor.page.locator("#untrained")).to_be_visible()
