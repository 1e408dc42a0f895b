"""Somebody at a page: what they press, and what they read there."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from playwright.async_api import ConsoleMessage, Page, expect

TIME_TO_CHANGE = """
([pressed, watched, attribute]) => new Promise((resolve) => {
  const button = document.getElementById(pressed);
  const place = document.getElementById(watched);
  const before = place.getAttribute(attribute);
  let pressedAt = null;
  button.addEventListener("click", () => (pressedAt = performance.now()), { capture: true });
  new MutationObserver(() => {
    if (pressedAt !== null && place.getAttribute(attribute) !== before) {
      resolve(performance.now() - pressedAt);
    }
  }).observe(place, { attributes: true });
})
"""
"""Milliseconds from a click on one element to the change of another's attribute."""


class Visitor:
    """One page in a browser profile of its own.

    Attributes:
        page: Playwright's.
        errors: what the page's console and scripts complained about.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(f"{message.type}: {message.text}")

    def forgive(self, text: str) -> None:
        """Let pass what a test itself has caused."""
        self.errors = [error for error in self.errors if text not in error]

    async def agree(self, name: str, room: str) -> None:
        """Fill in the form, consent included."""
        await self.page.get_by_label("Your name").fill(name)
        await self.page.get_by_role("textbox", name="Room").fill(room)
        await self.page.get_by_role("checkbox").check()

    async def join(self, name: str, room: str) -> None:
        """Join; returns once results come."""
        await self.agree(name, room)
        await self.press("Join with camera and microphone")
        await self.sees_results()

    async def press(self, button: str) -> None:
        """Click a button by its name."""
        await self.page.get_by_role("button", name=button, exact=True).click()

    async def sees_results(self, timeout_s: float = 20) -> None:
        """Wait until the newest result is fresh."""
        await expect(self.page.locator("#age")).to_have_text(
            "under 1 s ago", timeout=1000 * timeout_s
        )

    async def profile(self) -> str | None:
        """What results rest on, by the protocol's name."""
        return await self.page.locator("#profile").get_attribute("data-profile")

    async def number(self, element_id: str) -> float:
        """A figure of the page."""
        return float(await self.page.locator(f"#{element_id}").inner_text())

    async def ms_to_change(self, pressed: str, watched: str, attribute: str) -> float:
        """Press one element; milliseconds until another's attribute has changed."""
        timing: Awaitable[Any] = asyncio.ensure_future(
            self.page.evaluate(TIME_TO_CHANGE, [pressed, watched, attribute])
        )
        await self.page.locator(f"#{pressed}").click()
        return float(await asyncio.wait_for(timing, 10))
