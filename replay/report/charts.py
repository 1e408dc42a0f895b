"""The places of the charts on the page, and what moves them."""

from collections.abc import Sequence

import numpy as np

from hoovik.schema.emotion import EMOTIONS
from replay.figures import Coverage, EmotionFigures
from replay.report.bars import ROW_PX
from replay.report.clock import clock
from replay.report.intervals import timeline_table
from replay.report.markup import Html, element, escaped, folded
from replay.report.moments import chart_id
from replay.report.panel import height_px
from replay.timeline import MeetingTimeline, ParticipantTimeline

BRIEF_SHARE = 0.05
"""Emotions told less often are left to the tables."""

BUTTONS = (
    ("earlier", "◀", "Earlier"),
    ("later", "▶", "Later"),
    ("in", "+", "Zoom in"),
    ("out", "−", "Zoom out"),
    ("whole", "Whole meeting", None),
)


def panel_figure(
    place: int,
    one: ParticipantTimeline,
    figures: EmotionFigures,
    cover: Coverage,
    timeline: MeetingTimeline,
) -> Html:
    """The chart of one participant under its name, and its figures."""
    words = (
        f"Probabilities of six emotions of {one.participant} from 0:00 to "
        f"{clock(timeline.duration_s)} of the meeting, and below them whether results rest on voice "
        f"and face; {cover.results:,} results. The table below has the figures."
    )
    return element(
        "figure",
        element("h3", one.participant),
        element("p", _brief(figures, cover, one.fault), class_="brief"),
        chart_place(chart_id(place), height_px(), words, keyboard=True),
        folded(f"Figures of {one.participant}", timeline_table(one, timeline.tick_s))
        if one.duration_s
        else "",
        class_="panel",
    )


def _brief(figures: EmotionFigures, cover: Coverage, fault: str) -> str:
    """What a participant's chart comes to."""
    parts = [
        f"{EMOTIONS[place]} {figures.shares[place]:.0%}"
        for place in np.argsort(-figures.shares, kind="stable")
        if figures.shares[place] >= BRIEF_SHARE
    ]
    if cover.flagged:
        parts.append(f"{cover.flagged:,} of {cover.results:,} flagged")
    return " · ".join(parts or [fault or "no results"])


def bar_chart(name: str, names: Sequence[str], words: str) -> Html:
    """A place for the bars of so many participants."""
    if not names:
        return escaped("")
    return element(
        "figure", chart_place(name, len(names) * ROW_PX, f"{words} The table below has it.")
    )


def chart_place(name: str, height: int, words: str, *, keyboard: bool = False) -> Html:
    """Where the page draws the chart of this name; `words` are for who does not see it."""
    # Its height beforehand, so that nothing moves when the chart is drawn.
    return element(
        "div",
        id=name,
        class_="chart",
        role="img",
        style=f"min-height:{height}px",
        aria_label=words,
        tabindex="0" if keyboard else None,
    )


def toolbar() -> Html:
    """Buttons that move all timelines at once."""
    return element(
        "div",
        *(
            element("button", text, type="button", data_zoom=name, aria_label=words, title=words)
            for name, text, words in BUTTONS
        ),
        element("output", id="shown", aria_live="polite"),
        class_="toolbar",
        role="group",
        aria_label="Part of the meeting that the charts show",
    )
