"""The page of an operator, against the live service with two participants."""

from contextlib import suppress
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.async_api import Error, Response, expect

from hoovik.schema.stats import Percentiles, Stats
from tests.e2e.guests import Stage, read_stats, room_counts
from tests.e2e.web.conftest import Visit
from tests.e2e.web.test_accessibility import grave_faults
from tests.e2e.web.visitor import Visitor

pytestmark = pytest.mark.timeout(180)

NARROW = {"width": 390, "height": 844}

READ_PAGE = """
() => {
  const words = (place, selector) => [...place.querySelectorAll(selector)].map((one) => one.innerText.trim());
  const rows = (id) => [...document.querySelectorAll(`#${id} tbody tr`)].map((row) => words(row, "th, td"));
  return {
    ts: Number(document.getElementById("figures").dataset.ts),
    tiles: Object.fromEntries([...document.querySelectorAll("[data-figure]")]
      .map((tile) => [tile.dataset.figure, tile.innerText])),
    percentiles: rows("percentiles"),
    stages: words(document, "#stages li"),
    pools: rows("pools"),
    rooms: rows("rooms"),
    drops: rows("drops"),
    facts: Object.fromEntries([...document.querySelectorAll("[data-fact]")]
      .map((fact) => [fact.dataset.fact, fact.innerText])),
  };
}
"""


def ms(value: float | None) -> str:
    """Milliseconds as the table of percentiles has them."""
    if value is None:
        return "–"
    return f"{value:.1f}" if value < 10 else f"{int(value + 0.5):,}"


def row_of(spread: Percentiles) -> list[str]:
    figures = (spread.p50, spread.p90, spread.p95, spread.p99)
    return [*map(ms, figures), f"{spread.n:,}"]


class Watch:
    """A page of figures, and the answers that it got."""

    def __init__(self, visitor: Visitor) -> None:
        self.page = visitor.page
        self._answers: dict[float, Stats] = {}
        self.page.on("response", self._note)

    async def _note(self, response: Response) -> None:
        if response.url.endswith("/stats/json"):
            with suppress(Error):  # the page may be closed before its last answer is in
                stats = Stats.model_validate(await response.json())
                self._answers[stats.ts] = stats

    async def read(self) -> tuple[dict[str, Any], Stats]:
        """What is shown, and the body that it was made of."""
        while True:
            shown = await self.page.evaluate(READ_PAGE)
            if shown["ts"] in self._answers:
                return shown, self._answers[shown["ts"]]
            await self.page.wait_for_timeout(100)


async def watch(visit: Visit, service: str) -> Watch:
    visitor = await visit(None)
    watching = Watch(visitor)
    await visitor.page.goto(f"{service}/stats")
    await expect(visitor.page.locator("#figures")).to_be_visible()
    return watching


async def test_the_page_shows_what_the_service_tells(
    visit: Visit, service: str, stage: Stage
) -> None:
    async with stage.streaming("ada"), stage.streaming("ben"):
        await room_counts(stage, lambda room: room.participants == 2 and room.results > 40)
        watching = await watch(visit, service)
        await expect(watching.page.locator("#state")).to_contain_text("Live")
        shown, stats = await watching.read()
        told = await read_stats(service)
    tiles, spread = shown["tiles"], stats.latency_ms["all"]["end_to_end"]
    assert stats.participants >= 2
    assert (told.participants, told.sockets) == (stats.participants, stats.sockets)
    assert tiles["participants"] == str(stats.participants)
    assert (tiles["rooms"], tiles["sockets"]) == (str(stats.rooms), str(stats.sockets))
    assert float(tiles["results"]) == pytest.approx(stats.per_second.results, abs=0.051)
    assert tiles["p95"] == f"{ms(spread.p95)} ms"
    assert [row[1:] for row in shown["percentiles"]] == [
        row_of(stats.latency_ms[profile]["end_to_end"])
        for profile in ("all", "both", "audio_only", "video_only")
    ]
    assert f"{ms(stats.latency_ms['all']['queue'].mean)} + encode" in shown["stages"][0]
    assert {row[0]: (row[1], row[2], row[3]) for row in shown["pools"]} == {
        name: (str(pool.replicas), str(pool.restarts), str(pool.depth))
        for name, pool in stats.pools.items()
    }
    assert set(stats.pools) == {"AudioFeatures", "FaceFeatures", "FeatureEngineering", "Ensemble"}
    assert {row[0]: row[2] for row in shown["drops"]} == {
        reason: f"{total:,.0f}" for reason, total in stats.totals.drops.items()
    }
    assert [stage.room_id, "2"] in [row[:2] for row in shown["rooms"]]
    assert shown["facts"]["Results in all"].startswith(f"{stats.totals.results:,.0f}, ")
    assert shown["facts"]["Ingress replicas"].startswith(f"{stats.ingress_replicas}, ")


async def test_a_room_is_a_link_to_its_page_for_the_keyboard_too(
    visit: Visit, service: str, stage: Stage
) -> None:
    stage = Stage(service, f"{stage.room_id} / été?")
    async with stage.streaming("ada"):
        await room_counts(stage, lambda room: room.participants == 1)
        watching = await watch(visit, service)
        link = watching.page.get_by_role("link", name=stage.room_id, exact=True)
        await expect(link).to_be_visible()
        assert await link.get_attribute("href") == f"/room/{quote(stage.room_id, safe='!')}"
        await link.focus()
        before = await watching.read()
        # Figures change under it; the focus stays.
        while (await watching.read())[0]["ts"] == before[0]["ts"]:
            await watching.page.wait_for_timeout(100)
        await expect(link).to_be_focused()
        await watching.page.keyboard.press("Enter")
        await expect(watching.page.locator("#title")).to_have_text(f"Room {stage.room_id}")
        await expect(watching.page.locator(".person")).to_have_count(1)


async def test_the_page_has_no_grave_fault_wide_or_narrow(visit: Visit, stage: Stage) -> None:
    async with stage.streaming("ada"):
        await room_counts(stage, lambda room: room.results > 10)
        watcher = await visit("/stats")
        for size in (watcher.page.viewport_size, NARROW):
            await watcher.page.set_viewport_size(size)
            await expect(watcher.page.locator("#rooms a").first).to_be_visible()
            await expect(watcher.page.locator("#pools tbody tr")).to_have_count(4)
            # Whatever the width, a table is one to a screen reader.
            table = watcher.page.get_by_role("table", name="Pools of replicas")
            assert await table.get_by_role("rowheader").count() == 4
            assert await grave_faults(watcher) == []
            width = "document.documentElement.scrollWidth - innerWidth"
            assert await watcher.page.evaluate(width) <= 0


async def test_the_page_itself_needs_no_token_and_runs_no_other_script(service: str) -> None:
    async with httpx.AsyncClient() as http:
        reply = await http.get(f"{service}/stats")
    assert reply.status_code == 200
    assert "default-src 'none'; script-src 'self'" in reply.headers["content-security-policy"]
