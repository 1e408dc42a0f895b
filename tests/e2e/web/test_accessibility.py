"""Whether the pages can be used by everyone: axe's rules, colours, motion, announcements."""

import asyncio
from typing import Any
from urllib.parse import quote

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from hoovik.schema.emotion import EMOTIONS
from tests.e2e.web.conftest import Visit
from tests.e2e.web.visitor import Visitor

GRAVE = {"serious", "critical"}
LISTENED_S = 8
SAID_AT_MOST = 2
"""Once at the start, and once after the six seconds that have to lie between."""

COUNT_ANNOUNCEMENTS = """
() => {
  window.announcements = [];
  for (const place of document.querySelectorAll("[role=status], [role=alert], [aria-live]")) {
    new MutationObserver(() => window.announcements.push(place.textContent))
      .observe(place, { childList: true, characterData: true, subtree: true });
  }
}
"""


async def grave_faults(visitor: Visitor) -> list[str]:
    """What axe calls serious or critical, in light and in dark."""
    faults = []
    for scheme in ("light", "dark"):
        await visitor.page.emulate_media(color_scheme=scheme)
        report = await Axe().run(visitor.page)
        assert report.response["passes"], "axe has looked at something"
        for violation in report.response["violations"]:
            if violation["impact"] in GRAVE:
                places = [node["html"] for node in violation["nodes"]]
                faults.append(f"{scheme}: {violation['id']}: {places}")
    return faults


async def test_the_form_has_no_grave_fault(visit: Visit) -> None:
    ada = await visit()
    await expect(ada.page.locator("#terms-fps")).to_have_text("about 5")
    assert await grave_faults(ada) == []


async def test_neither_page_has_a_grave_fault_while_live(visit: Visit, room: str) -> None:
    watcher, ada = await visit(f"/room/{quote(room, safe='')}"), await visit()
    await ada.join("ada", room)
    await expect(watcher.page.locator(".person")).to_have_count(1)
    assert await grave_faults(ada) == []
    assert await grave_faults(watcher) == []
    await ada.press("Mute")
    await ada.press("Camera off")
    await expect(ada.page.locator("#readout")).to_have_attribute("data-kind", "silent")
    await expect(watcher.page.locator(".person")).to_have_attribute("data-kind", "silent")
    assert await grave_faults(ada) == []
    assert await grave_faults(watcher) == []
    await ada.press("Leave")
    await expect(ada.page.locator("#entry")).to_be_visible()


async def test_announcements_do_not_flood(visit: Visit, room: str) -> None:
    ada = await visit()
    await ada.join("ada", room)
    await ada.page.evaluate(COUNT_ANNOUNCEMENTS)
    await asyncio.sleep(LISTENED_S)
    said = await ada.page.evaluate("() => window.announcements")
    assert len(said) <= SAID_AT_MOST, said
    assert await ada.page.locator("#spoken").inner_text() != ""


@pytest.mark.parametrize(("motion", "duration"), [("no-preference", "0.28s"), ("reduce", "0s")])
async def test_bars_move_only_for_who_likes_it(visit: Visit, motion: Any, duration: str) -> None:
    ada = await visit(reduced_motion=motion)
    moved = await ada.page.locator("#bars .bar i").first.evaluate(
        "(bar) => getComputedStyle(bar).transitionDuration"
    )
    assert moved == duration


async def test_each_emotion_has_a_name_and_a_pattern(visit: Visit) -> None:
    watcher = await visit("/room/nobody")
    await expect(watcher.page.locator("[data-row]")).to_have_count(7)
    rows = await watcher.page.locator("[data-row]").evaluate_all(
        "(rows) => rows.map((row) => { const swatch = row.querySelector('.swatch');"
        " return [row.querySelector('th').innerText.trim(), swatch.dataset.emotion,"
        " getComputedStyle(swatch).backgroundImage]; })"
    )
    assert [name for name, *_ in rows] == [*EMOTIONS, "not shown"]
    assert all(name == emotion for name, emotion, _ in rows)
    assert len({pattern for *_, pattern in rows[:6]}) == 6
