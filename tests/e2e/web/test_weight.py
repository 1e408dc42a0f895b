"""What the pages cost: bytes, and the time until they can be used."""

import pytest
from playwright.async_api import Response, expect

from tests.e2e.web.conftest import Visit

MAX_BYTES = 200_000
USABLE_S = 1.0
LOADS = 5


WHEN_USABLE = """
new MutationObserver(() => {
  const join = document.getElementById("join");
  if (join !== null && !join.disabled) window.usableAt ??= performance.now();
}).observe(document, { subtree: true, childList: true, attributes: true });
"""
"""Milliseconds from the start of the navigation to a button that is not waiting for its script."""


async def test_a_page_is_soon_of_use(visit: Visit, service: str, room: str) -> None:
    took_s = []
    for _ in range(LOADS):
        ada = await visit(None)
        await ada.page.add_init_script(WHEN_USABLE)
        await ada.page.goto(service, wait_until="commit")
        await ada.agree("ada", room)
        await ada.press("Join with camera and microphone")
        await expect(ada.page.locator("#live")).to_be_visible()
        took_s.append(await ada.page.evaluate("() => window.usableAt") / 1000)
        await ada.page.context.close()
    print(f"of use after {min(took_s):.2f} s, at worst {max(took_s):.2f} s")
    assert min(took_s) <= USABLE_S


@pytest.mark.parametrize("path", ["/", "/room/standup", "/stats", "/asyncapi"])
async def test_a_page_weighs_little(visit: Visit, service: str, path: str) -> None:
    visitor = await visit(None)
    responses: list[Response] = []

    def note(response: Response) -> None:
        responses.append(response)

    visitor.page.on("response", note)
    await visitor.page.goto(service + path, wait_until="networkidle")
    total = sum([len(await response.body()) for response in list(responses)])
    print(f"{path}: {len(responses)} responses, {total} bytes")
    assert 10_000 < total < MAX_BYTES
