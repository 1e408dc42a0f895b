import base64
import json
from pathlib import Path

import numpy as np
import pytest

from hoovik.schema.emotion import EMOTIONS
from replay.comparison import Comparison, compare, write_comparison
from replay.comparison.page import MOST_CHARTS, comparison_html
from replay.comparison.tables import AT_ONCE, SHOWN
from replay.comparison.tracks import ROWS, label_tracks
from replay.report.clock import ZERO_MS
from replay.report.panel import row_axis
from tests.unit.replay.pages import Page
from tests.unit.replay.runs import compared, run, timeline
from tests.unit.replay.timelines import participant, results

ATTACK = "<script>alert(1)</script>\"'&amp;<img src=x onerror=alert(2)>"
AGREEMENT = "Matched results and their labels, over all results and by participant"
OTHER = "Probabilities, modalities and flags of matched results, over all and by participant"
STRETCHES = "Stretches in which the runs tell different labels, the longest first"


def decoded(numbers: dict[str, str]) -> np.ndarray:
    """Numbers as Plotly packs them."""
    return np.frombuffer(base64.b64decode(numbers["bdata"]), numbers["dtype"])


def of_two(name: str = "Ann", meeting: str = "weekly") -> Comparison:
    """One who is in both runs, and Bert, who is in the old one alone."""
    a = participant(results(["sad", "sad", "happy", "happy"], flagged=[1]), name=name)
    b = participant(results(["sad", "happy", "happy", "happy"]), name=name)
    bert = participant(results(["sad"]), name="Bert")
    return compare(
        run(timeline(a, bert, meeting=meeting)),
        run(timeline(b, meeting=meeting, bundle="1.1.0+b"), name="new"),
    )


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(comparison_html(of_two()))


def test_tables_have_the_figures(page: Page) -> None:
    overall, ann, bert = page.tables[AGREEMENT][1:]
    figures = ["4", "0", "0", "75.0%", "30.1% to 95.4%", "0.50", "3", "100.0%"]
    assert ann == ["Ann", "weekly", *figures]
    assert overall == ["All", "–", "4", "1", *figures[2:]]
    assert bert == ["Bert", "weekly", "0", "1", "0", "–", "–", "–", "0", "–"]
    assert page.tables[OTHER][2] == [
        *("Ann", "weekly", "0.17", "0.66", "100.0%", "75.0%", "1", "0", "0"),
    ]
    labels = page.tables[
        "Ann in weekly: matched results by label, rows of run A and columns of run B"
    ]
    assert labels[5] == ["sad", "0", "0", "0", "1", "1", "0", "2"]
    assert labels[-1] == ["All of B", "0", "0", "0", "3", "1", "0", "4"]
    assert page.tables[STRETCHES][1:] == [
        ["0:00", "0:01", "0.5 s", "Ann", "weekly", "sad", "happy", "1", "1"]
    ]


def test_it_says_which_runs_these_are_and_what_the_figures_do_not_say(page: Page) -> None:
    for words in ("old", "1.0.0+a", "new", "1.1.0+b", "smoothed together", "5(1)(f)"):
        assert words in page.text
    assert "not which of them is right" in page.text
    assert "Untrained models" not in page.text


def test_links_and_charts_belong_together(page: Page) -> None:
    ids = {attributes["id"] for _, attributes in page.elements if attributes.get("id")}
    assert {str(one["href"])[1:] for one in page.all("a")} <= ids
    charts = [one["id"] for one in page.all("div") if one.get("class") == "chart"]
    assert charts == list(page.data["charts"]) == ["timeline-1"]
    (link,) = (one for one in page.all("a") if "data-time" in one)
    assert (link["href"], link["data-time"]) == ("#timeline-1", "0.500")


def test_the_tracks_have_both_runs_and_where_they_differ() -> None:
    comparison = of_two()
    ann = comparison.participants[0]
    figure = label_tracks(ann.a, ann.b, ann.stretches, tick_s=0.5, duration_s=2.0)
    sad, happy = EMOTIONS.index("sad"), EMOTIONS.index("happy")

    def track(place: int) -> tuple[list[float], list[float]]:
        trace = figure["data"][place]
        times, heights = decoded(trace["x"]), decoded(trace["y"])
        return ((times - ZERO_MS) / 1000).tolist(), heights.tolist()

    # The flagged one of run A is drawn, as it is compared.
    assert track(sad) == ([0.0, 0.5, 1.0], [1, 1, 0])
    assert track(happy) == ([1.0, 1.5, 2.0], [1, 1, 0])
    assert track(len(EMOTIONS) + sad) == ([0.0, 0.5], [-1, 0])
    assert track(len(EMOTIONS) + happy) == ([0.5, 1.0, 1.5, 2.0], [-1, -1, -1, 0])
    assert track(2 * len(EMOTIONS)) == ([0.5, 1.0], [1, 0])
    axes = [row_axis(place).replace("y", "yaxis") for place in range(len(ROWS))]
    names = [figure["layout"][axis]["ticktext"] for axis in axes]
    assert names == [[name] for name in (*EMOTIONS, "differ")]


def test_equal_runs_have_no_table_of_differences() -> None:
    same = results(["sad", "happy"])
    page = Page(comparison_html(compared(same, same)))
    assert STRETCHES not in page.tables
    assert "Both runs tell the same label of every matched result." in page.text
    assert page.tables[AGREEMENT][1][5] == "100.0%"


def test_many_stretches_are_folded_and_the_shortest_left_to_the_file() -> None:
    n = SHOWN + 10
    told = np.tile(["happy", "angry"], n // 2).tolist()
    page = Page(comparison_html(compared(results(["sad"] * n), results(told))))
    assert len(page.tables[STRETCHES]) == 1 + AT_ONCE
    assert len(page.tables["Shorter stretches"]) == 1 + SHOWN - AT_ONCE
    assert f"the {SHOWN} longest of {n} stretches" in page.text


def test_of_many_participants_those_are_drawn_who_agree_least() -> None:
    n = MOST_CHARTS + 2
    told = results(["sad", "sad", "happy"])
    alike = {3, 7}
    a = [participant(told, name=f"P{place}") for place in range(n)]
    b = [
        participant(told if place in alike else results(["sad"] * 3), name=f"P{place}")
        for place in range(n)
    ]
    page = Page(comparison_html(compare(run(timeline(*a)), run(timeline(*b)))))
    assert set(page.data["charts"]) == {f"timeline-{place + 1}" for place in set(range(n)) - alike}
    assert f"Of {n} participants these are the {MOST_CHARTS} whose labels agree least" in page.text


def test_nothing_from_outside_becomes_markup() -> None:
    text = comparison_html(of_two(ATTACK, ATTACK))
    page = Page(text)
    assert len(page.scripts) == 3
    assert not page.all("img")
    assert "<script>alert" not in text
    assert ATTACK in page.text


def test_untrained_models_are_named_loudly() -> None:
    one = participant(results(["sad"]))
    noise = run(timeline(one, untrained=True), name="new")
    page = Page(comparison_html(compare(run(timeline(one)), noise)))
    assert "The weights behind run B are random" in page.text
    assert any(one.get("role") == "alert" for one in page.all("p"))
    both = Page(comparison_html(compare(noise, noise)))
    assert "The weights behind run A and run B are random" in both.text


def test_the_files_are_written_and_always_the_same(tmp_path: Path) -> None:
    first = write_comparison(of_two(), tmp_path / "new" / "folder")
    assert first == tmp_path / "new" / "folder" / "compare.html"
    said = json.loads((first.parent / "compare.json").read_text(encoding="utf-8"))
    assert said["overall"]["kappa"] == 0.5
    second = write_comparison(of_two(), tmp_path / "again")
    for name in ("compare.html", "compare.json"):
        assert (first.parent / name).read_bytes() == (second.parent / name).read_bytes()


def test_a_negative_figure_is_a_number_too() -> None:
    opposite = compared(results(["sad", "happy"]), results(["happy", "sad"]))
    assert opposite.overall.kappa == pytest.approx(-1.0)
    assert '<td class="n">-1.00</td>' in comparison_html(opposite)
