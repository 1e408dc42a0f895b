"""The page of an operator when something is wrong: no token, hostile names, lost replicas, no answer."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

import jwt
import pytest
from playwright.async_api import expect
from pydantic import SecretStr

from hoovik.settings import AuthSettings, Settings
from tests.e2e.guests import until
from tests.e2e.web.conftest import Visit
from tests.e2e.web.standin import Standin
from tests.e2e.web.test_accessibility import grave_faults

SECRET = "a secret of at least thirty-two bytes"
LOCKED = Settings(auth=AuthSettings(jwt_secret=SecretStr(SECRET)))
HOSTILE = ["<img src=x onerror=alert(1)>", "</td><script>alert(1)</script>", "a/b?c#d", ".."]

NO_ANSWER = "Failed to load resource"
"""Browsers tell the console of every answer that is none."""

HIDE = """
(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}
"""

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def standin() -> Iterator[Callable[..., Standin]]:
    """Starts services. Asked for before `visit`, so that they outlive the pages that ask them."""
    with ExitStack() as servers:

        def start(settings: Settings | None = None) -> Standin:
            service = Standin(settings or Settings())
            servers.callback(service.stop)
            return service

        yield start


def token_of(role: str = "operator", for_s: float = 3600) -> str:
    return jwt.encode({"role": role, "exp": time.time() + for_s}, SECRET, algorithm="HS256")


async def test_a_token_is_asked_for_and_one_that_is_refused_is_said_to_be(
    standin, visit: Visit
) -> None:
    service = standin(LOCKED)
    watcher = await visit("/stats", url=service.url)
    field = watcher.page.get_by_label("Token of an operator")
    await expect(field).to_be_focused()
    assert await field.get_attribute("type") == "password"
    assert service.asked == 0
    assert await grave_faults(watcher) == []

    await field.fill(token_of(role="participant"))
    await watcher.page.keyboard.press("Enter")
    notice = watcher.page.locator("#notice")
    await expect(notice).to_contain_text("refused this token: this needs a token of the role")
    await field.fill(token_of(for_s=-10))
    await watcher.press("Watch")
    await expect(notice).to_contain_text("expired")
    await expect(watcher.page.locator("#figures")).to_be_hidden()
    assert await grave_faults(watcher) == []
    watcher.forgive(NO_ANSWER)

    await field.fill(token_of())
    await watcher.press("Watch")
    await expect(watcher.page.locator("#figures")).to_be_visible()
    await expect(watcher.page.locator("#title")).to_be_focused()
    await expect(notice).to_be_hidden()
    # It outlasts a reload, not the tab, and not being forgotten.
    await watcher.page.reload()
    await expect(watcher.page.locator("#figures")).to_be_visible()
    assert await watcher.page.evaluate("localStorage.length") == 0
    assert await watcher.page.evaluate("sessionStorage.length") == 1
    await watcher.press("Forget the token")
    await expect(watcher.page.locator("#figures")).to_be_hidden()
    assert await watcher.page.evaluate("sessionStorage.length") == 0


async def test_a_token_of_the_address_leaves_the_address(standin, visit: Visit) -> None:
    service = standin(LOCKED)
    watcher = await visit(f"/stats#token={token_of()}", url=service.url)
    await expect(watcher.page.locator("#figures")).to_be_visible()
    assert watcher.page.url == f"{service.url}/stats"


async def test_a_token_that_expires_is_asked_for_anew(standin, visit: Visit) -> None:
    service = standin(LOCKED)
    watcher = await visit(f"/stats#token={token_of(for_s=3)}", url=service.url)
    await expect(watcher.page.locator("#figures")).to_be_visible()
    await expect(watcher.page.locator("#notice")).to_contain_text("expired", timeout=10_000)
    await expect(watcher.page.locator("#figures")).to_be_hidden()
    watcher.forgive(NO_ANSWER)


async def test_names_are_text(standin, visit: Visit) -> None:
    service = standin()
    for room in HOSTILE:
        service.room(room)
    service.pool("<b>Pool</b>")
    service.ingress(**{"<i>CODE</i>": 1})
    watcher = await visit("/stats", url=service.url)
    links = watcher.page.locator("#rooms a")
    await expect(links).to_have_count(len(HOSTILE))
    assert sorted(await links.all_inner_texts()) == sorted(HOSTILE)
    assert await watcher.page.locator("main :is(img, script, b, table i.CODE)").count() == 0
    await expect(watcher.page.locator("#errors th[scope=row]")).to_have_text("<i>CODE</i>")
    addresses = await links.evaluate_all("(links) => links.map((one) => one.pathname)")
    assert f"/room/{quote(HOSTILE[0], safe='()')}" in addresses
    assert f"/room/{quote('a/b?c#d', safe='')}" in addresses
    # Browsers would take ".." out of a path.
    assert "/room/-" in addresses


async def test_what_is_wrong_is_said_in_words(standin, visit: Visit) -> None:
    service = standin()
    service.room("standup")
    service.pool("AudioFeatures", busy=0.95)
    service.pool("FaceFeatures")
    watcher = await visit("/stats", url=service.url)
    warnings = watcher.page.locator("#warnings")
    await expect(warnings).to_have_text(
        "AudioFeatures: computing more than 90 % of the time, so results wait. Add replicas."
    )
    rows = watcher.page.locator("#pools tbody tr")
    await expect(rows.filter(has_text="AudioFeatures")).to_contain_text("▲ busy")
    await expect(rows.filter(has_text="AudioFeatures")).to_contain_text("95 %")
    await expect(rows.filter(has_text="FaceFeatures")).to_contain_text("40 %")
    assert "▲" not in await rows.filter(has_text="FaceFeatures").inner_text()

    service.lose("FaceFeatures", "b")
    service.ingress(RESULT_LOST=4, AT_CAPACITY=1)
    await expect(warnings).to_contain_text(
        "FaceFeatures: a replica was lost in the last five minutes"
    )
    await expect(warnings).to_contain_text("Workers or rooms keep dying")
    await expect(warnings).to_contain_text("refused for want of room")
    await expect(rows.filter(has_text="FaceFeatures")).to_contain_text("▲ replica lost")
    errors = watcher.page.locator("#errors tbody tr")
    await expect(errors).to_have_count(2)
    await expect(errors.first).to_contain_text("A worker died, or did not answer within 4 s.")
    assert await grave_faults(watcher) == []


async def test_the_figures_say_of_when_they_are_when_the_service_is_gone(
    standin, visit: Visit
) -> None:
    service = standin()
    service.room("standup")
    watcher = await visit("/stats", url=service.url)
    figures, notice = watcher.page.locator("#figures"), watcher.page.locator("#notice")
    await expect(figures).to_be_visible()
    service.stop()
    await expect(notice).to_contain_text("No figures since", timeout=10_000)
    await expect(notice).to_contain_text("no connection. The figures below are those of then.")
    await expect(watcher.page.locator("#state")).to_contain_text("No answer. Next try in")
    await expect(figures).to_have_attribute("data-stale", "")
    await expect(watcher.page.locator("[data-figure=participants]")).to_have_text("2")
    assert await grave_faults(watcher) == []
    said = await notice.inner_text()
    await watcher.page.wait_for_timeout(4_000)
    # Said once: since when does not change with every try.
    assert await notice.inner_text() == said

    service.start()
    service.room("standup", participants=5)
    await expect(watcher.page.locator("[data-figure=participants]")).to_have_text(
        "5", timeout=20_000
    )
    await expect(notice).to_be_hidden()
    await expect(watcher.page.locator("#state")).to_contain_text("Live")
    assert await figures.get_attribute("data-stale") is None
    watcher.forgive(NO_ANSWER)


async def test_it_asks_ever_less_often_while_there_is_no_answer(standin, visit: Visit) -> None:
    watcher = await visit(None)
    await watcher.page.clock.install()
    asked: list[float] = []
    await watcher.page.route("**/stats/json", lambda route: route.fulfill(status=503, body="{}"))
    watcher.page.on(
        "request", lambda one: asked.append(0) if one.url.endswith("/stats/json") else None
    )
    await watcher.page.goto(f"{standin().url}/stats")
    await expect(watcher.page.locator("#notice")).to_contain_text("HTTP 503")
    for wait_s in (2, 4, 8, 16, 30, 30):
        await expect(watcher.page.locator("#state")).to_have_text(
            f"No answer. Next try in {wait_s} s"
        )
        so_far = len(asked)
        await watcher.page.clock.run_for(1000 * wait_s - 300)
        assert len(asked) == so_far
        await watcher.page.clock.run_for(600)
        await until(lambda so_far=so_far: len(asked) == so_far + 1)
    await until(lambda: len(watcher.errors) == len(asked))
    watcher.forgive(NO_ANSWER)


async def test_it_asks_once_at_a_time_and_not_at_all_while_nobody_looks(
    standin, visit: Visit
) -> None:
    service = standin()
    service.slow_s = 1.0
    under_way: set[Any] = set()
    most = 0

    def begun(request: Any) -> None:
        nonlocal most
        if request.url.endswith("/stats/json"):
            under_way.add(request)
            most = max(most, len(under_way))

    def ended(request: Any) -> None:
        under_way.discard(request)

    watcher = await visit(None)
    watcher.page.on("request", begun)
    watcher.page.on("requestfinished", ended)
    await watcher.page.goto(f"{service.url}/stats")
    for _ in range(6):
        # Looking away and back asks at once, but not beside a question that is under way.
        await watcher.page.evaluate(HIDE, True)
        await watcher.page.evaluate(HIDE, False)
        await asyncio.sleep(0.4)
    assert most == 1
    service.slow_s = 0
    await watcher.page.evaluate(HIDE, True)
    await asyncio.sleep(1.5)
    asked = service.asked
    await asyncio.sleep(3)
    assert service.asked == asked
    await watcher.page.evaluate(HIDE, False)
    await until(lambda: service.asked > asked, timeout_s=1)
