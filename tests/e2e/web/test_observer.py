"""The page of an observer: everyone in a room, and what was seen of them as files."""

import asyncio
import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.async_api import expect

from hoovik.schema.emotion import EMOTIONS
from tests.e2e.web.conftest import Visit
from tests.e2e.web.visitor import Visitor

FORMULA = '=HYPERLINK("http://127.0.0.1/","ben")'
WORDS = {"both": "voice and face", "audio_only": "voice alone", "video_only": "face alone"}


async def saved(watcher: Visitor, button: str) -> Path:
    async with watcher.page.expect_download() as downloading:
        await watcher.press(button)
    download = await downloading.value
    return Path(await download.path())


def tile(watcher: Visitor, name: str) -> Any:
    return watcher.page.locator(".person").filter(
        has=watcher.page.get_by_role("heading", name=name, exact=True)
    )


async def test_an_observer_sees_everyone_and_saves_what_was_seen(visit: Visit, room: str) -> None:
    room = f"{room} / été?"
    watcher = await visit(f"/room/{quote(room, safe='')}")
    await expect(watcher.page.locator("#title")).to_have_text(f"Room {room}")
    await expect(watcher.page.locator("#nobody")).to_be_visible()
    ada, ben = await visit(), await visit()
    await ada.join("ada", room)
    await ben.join(FORMULA, room)
    people = watcher.page.locator(".person")
    await expect(people).to_have_count(2)
    await expect(watcher.page.locator("#live-count")).to_have_text("2", timeout=20_000)
    for name in ("ada", FORMULA):
        await expect(tile(watcher, name)).to_contain_text("voice and face")
        await expect(tile(watcher, name)).to_contain_text("under 1 s ago")
    counted = await watcher.page.locator('[data-part="now"]').all_inner_texts()
    assert sum(map(int, counted)) <= 2
    await ben.press("Mute")
    await expect(tile(watcher, FORMULA)).to_contain_text("face alone")

    await ben.press("Leave")
    await expect(tile(watcher, FORMULA)).to_contain_text("Silent")
    await expect(watcher.page.locator("#live-count")).to_have_text("1")
    await ada.press("Leave")
    await expect(watcher.page.locator("#live-count")).to_have_text("0")
    await asyncio.sleep(0.5)
    kept = int((await watcher.page.locator("#kept").inner_text()).split()[0])
    shown = await watcher.page.locator("[data-row]").evaluate_all(
        "(rows) => rows.map((row) => [row.dataset.row, "
        "row.querySelector('[data-part=\"share\"]').textContent])"
    )

    lines = [json.loads(line) for line in (await saved(watcher, "Download JSON lines")).open()]
    assert len(lines) == kept
    assert {line["participantId"] for line in lines} == {"ada", FORMULA}
    assert {line["roomId"] for line in lines} == {room}
    assert set(lines[0]["result"]["probs"]) == set(EMOTIONS)
    kinds = Counter(
        "not shown" if line["result"]["anomaly"] else line["result"]["emotion"] for line in lines
    )
    assert dict(shown) == {
        kind: f"{int(100 * kinds[kind] / kept + 0.5)} %" for kind in [*EMOTIONS, "not shown"]
    }

    with (await saved(watcher, "Download CSV")).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == kept
    for row, line in zip(rows, lines, strict=True):
        name = line["participantId"]
        assert row["participant"] == ("ada" if name == "ada" else f"'{name}")
        assert row["emotion"] == line["result"]["emotion"]
        assert float(row["confidence"]) == line["result"]["confidence"]
        assert float(row["anomaly_score"]) == line["result"]["anomalyScore"]
        assert row["modality"] in WORDS


async def test_memory_is_bounded_and_cells_are_no_formulas(visit: Visit, room: str) -> None:
    watcher = await visit(f"/room/{quote(room, safe='')}")
    found = await watcher.page.evaluate(
        """async () => {
          const { Journal } = await import("/web/page/journal.js");
          const journal = new Journal("+room", 3);
          for (const participantId of ["one", "two", "@three", " -four", 'fi"ve,']) {
            journal.add({ participantId, result: { probs: {}, anomalyScore: -1 }, ts: 0 });
          }
          return { kept: journal.size, dropped: journal.dropped, lines: journal.csv() };
        }"""
    )
    assert (found["kept"], found["dropped"]) == (3, 2)
    (columns, three, four, five) = csv.reader(found["lines"])
    assert [row[2:4] for row in (three, four, five)] == [
        ["'+room", "'@three"],
        ["'+room", "' -four"],
        ["'+room", 'fi"ve,'],
    ]
    assert three[columns.index("anomaly_score")] == "-1"


async def test_a_room_of_any_name_has_a_page(visit: Visit) -> None:
    for name in ("..", "<b>&amp; 100 %/日本?"):
        ada = await visit()
        path = await ada.page.evaluate(
            'async (name) => (await import("/web/page/address.js")).roomPage(name)', name
        )
        watcher = await visit(path)
        await expect(watcher.page.locator("#title")).to_have_text(f"Room {name}")
        await expect(watcher.page.locator("#state")).to_have_text("Watching", timeout=20_000)
