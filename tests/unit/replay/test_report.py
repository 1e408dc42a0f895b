import base64
import hashlib
import re
from pathlib import Path

import pytest

from hoovik.schema.emotion import EMOTIONS
from replay.figures import emotion_figures
from replay.report import limits_of, report_html
from replay.report.bars import share_bars
from replay.timeline import ParticipantTimeline
from tests.unit.replay.pages import Page
from tests.unit.replay.timelines import lively, meeting, participant, results

ATTACK = "<script>alert(1)</script>\"'&amp;<img src=x onerror=alert(2)>"
CARD = """# Model card

## Figures
- not a limit

## Limits

- Speech is **acted**, and
  plainer than `speech` elsewhere.
- See [the study](https://example.org): 1 < 2 & so on.

Not an item.

### More
- under another heading

## What it must not be used for
- <b>Hiring</b>.

## Else
- nor this
"""


def sad_then_happy(**named) -> ParticipantTimeline:
    return participant(results(["sad"] * 12 + ["happy"] * 12), **named)


@pytest.fixture(scope="module")
def page() -> Page:
    ann = sad_then_happy(media="/recordings/ann b.mp4", offset_s=2.0, duration_s=12.0)
    bert = participant(results([]), name="Bert", media="gone.mp4", fault="no such file")
    return Page(report_html(meeting(ann, bert), limits_of(CARD), "https://example.org/card"))


def test_limits_are_the_items_of_both_sections() -> None:
    assert limits_of(CARD) == [
        "Speech is <strong>acted</strong>, and plainer than <code>speech</code> elsewhere.",
        "See the study: 1 &lt; 2 &amp; so on.",
        "<strong>Must not be used for:</strong> &lt;b&gt;Hiring&lt;/b&gt;.",
    ]
    assert limits_of("") == []


def test_the_shipped_card_has_limits() -> None:
    card = Path(__file__).parents[3] / "model_artifacts/embedded/MODEL_CARD.md"
    limits = limits_of(card.read_text(encoding="utf-8"))
    assert any("<strong>" in one for one in limits)
    assert any("5(1)(f)" in one for one in limits)


def test_the_same_timeline_gives_the_same_bytes() -> None:
    first, second = (
        report_html(meeting(lively("Ann", 60, seed=1)), ["a limit"], None) for _ in range(2)
    )
    assert first == second


def test_it_is_a_page_of_landmarks_and_named_parts(page: Page) -> None:
    tags = [tag for tag, _ in page.elements]
    assert [tags.count(tag) for tag in ("header", "nav", "main", "h1", "footer")] == [1] * 5
    (html,) = page.all("html")
    assert html["lang"] == "en"
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    for section in page.all("section"):
        assert section["aria-labelledby"] in ids
    for link in page.all("a"):
        if str(link["href"]).startswith("#"):
            assert str(link["href"])[1:] in ids
    charts = [one for one in page.all("div") if one.get("class") == "chart"]
    assert [one["id"] for one in charts] == list(page.data["charts"])
    assert all(one["role"] == "img" and one["aria-label"] for one in charts)
    assert all(cell.get("scope") in {"col", "row"} for cell in page.all("th"))
    assert tags.count("table") == tags.count("caption") == len(page.tables)


def test_it_loads_nothing(page: Page) -> None:
    assert not any("src" in attributes for _, attributes in page.elements)
    assert not page.all("link")
    assert not page.all("iframe")
    links = [str(one["href"]) for one in page.all("a") if not str(one["href"]).startswith("#")]
    assert links == [
        "file:///recordings/ann%20b.mp4",
        Path("gone.mp4").absolute().as_uri(),
        "file:///recordings/ann%20b.mp4#t=4.0",
        "https://example.org/card",
    ]
    policy = next(one for one in page.all("meta") if "http-equiv" in one)["content"] or ""
    assert policy.startswith("default-src 'none'")
    for script in page.scripts[1:]:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_tables_have_the_figures(page: Page) -> None:
    shares = page.tables["Share of the results by the emotion told; flagged results do not count"]
    assert shares[1:] == [
        ["Ann", "24", "0", "0.0%", "0.0%", "0.0%", "50.0%", "50.0%", "0.0%"],
        ["Bert", "0", "0", *["–"] * 6],
    ]
    covered = next(rows for name, rows in page.tables.items() if name.startswith("Shares of each"))
    assert covered[1][:5] == ["Ann", "24", "100.0%", "100.0%", "100.0%"]
    assert covered[2] == ["Bert", "0", *["–"] * 6, "0", "–", "–"]
    recordings = page.tables["What was read of each participant"]
    assert recordings[1] == ["Ann", "/recordings/ann b.mp4", "0:02.0", "0:12.0", "24", "none"]
    assert recordings[2][-1] == "no such file"
    time, who, change, size, recording = page.tables["Moments of change"][1]
    assert (time, who, recording) == ("0:06", "Ann", "at 0:04")
    assert change == "sad (0.75) → happy (0.75)"
    assert size == "0.73"


def test_the_timelines_table_has_means_of_each_interval() -> None:
    own = results(["sad", "happy", "happy", "happy"], flagged=[3], uncertain=[1, 3])
    whole = Page(report_html(meeting(participant(own)), [], None))
    (rows,) = (rows for name, rows in whole.tables.items() if name.startswith("Ann: mean"))
    assert rows[0][1:7] == list(EMOTIONS)
    assert rows[1][:7] == ["0:00–0:01", "0.05", "0.05", "0.05", "0.40", "0.40", "0.05"]
    assert rows[1][7:] == ["happy", "2", "0", "1", "100.0%", "100.0%"]
    assert rows[2][4] == "0.75"
    assert rows[2][8:10] == ["2", "1"]


def test_the_charts_have_the_figures() -> None:
    figure = share_bars(["Ann"], [emotion_figures(results(["sad", "happy", "happy", "happy"]))])
    assert [trace["name"] for trace in figure["data"]] == list(EMOTIONS)
    assert [trace["x"] for trace in figure["data"]] == [[0], [0], [0], [0.75], [0.25], [0]]
    patterns = [trace["marker"]["pattern"]["shape"] for trace in figure["data"]]
    assert len(set(patterns)) == len(EMOTIONS)


def test_nothing_from_outside_becomes_markup() -> None:
    evil = participant(results(["sad"] * 3), name=ATTACK, media=ATTACK, fault=ATTACK)
    text = report_html(meeting(evil, title=ATTACK), [ATTACK], f"javascript:{ATTACK}")
    page = Page(text)
    assert len(page.scripts) == 3
    assert not page.all("img")
    assert ATTACK in page.text
    assert "<script>alert" not in text
    assert not any("javascript:" in str(one["href"]) for one in page.all("a"))
    # Plotly reads tags in its texts by itself: they reach it as entities.
    notes = page.data["charts"]["chart-shares"]["layout"]["annotations"]
    assert all("<" not in note["text"] for note in notes)


def test_a_recording_that_is_a_script_is_no_link() -> None:
    scripted = participant(results(["sad"]), media="javascript:alert(1)")
    links = Page(report_html(meeting(scripted), [], None)).all("a")
    assert not any("javascript:" in str(one["href"]) for one in links)


def test_the_figures_cannot_end_their_script() -> None:
    text = report_html(meeting(sad_then_happy(name="</script><!--<script>")), [], None)
    block = text.split('id="data">')[1].split("</script>")[0]
    assert not re.search(r"[<>&]", block)


def test_untrained_models_are_named_loudly() -> None:
    ann = sad_then_happy()
    assert "Untrained models" not in Page(report_html(meeting(ann), [], None)).text
    page = Page(report_html(meeting(ann, untrained=True), [], None))
    assert "Untrained models" in page.text
    assert any(one.get("role") == "alert" for one in page.all("p"))


def test_the_law_and_the_limits_stand_on_the_page(page: Page) -> None:
    assert "5(1)(f)" in page.text
    assert "Speech is acted, and plainer than speech elsewhere." in page.text
    assert "not what somebody feels" in page.text


@pytest.mark.parametrize("n", [0, 1, 8])
def test_meetings_of_any_size(n: int) -> None:
    people = [lively(f"Person {place}", 20, seed=place) for place in range(n)]
    page = Page(report_html(meeting(*people, tick_s=0.3), [], None))
    assert len(page.data["charts"]) == (n + 2 if n else 0)


def test_a_long_meeting_is_averaged_for_drawing_alone() -> None:
    one = lively("Ann", 3600, seed=1)
    page = Page(report_html(meeting(one, tick_s=0.3), [], None))
    assert "means over 6 ticks (1.8 s)" in page.text
    assert f"{len(one.results):,}" in page.tables["What was read of each participant"][1]
