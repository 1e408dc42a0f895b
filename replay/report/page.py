"""The page of a meeting: everything of it in one file that needs no network."""

from collections.abc import Sequence
from pathlib import Path

from replay.changes import changes
from replay.figures import coverage, emotion_figures
from replay.report import sections
from replay.report.bars import coverage_bars, share_bars
from replay.report.drawn import bin_ticks, drawn
from replay.report.moments import chart_id
from replay.report.panel import panel
from replay.report.shell import page_html
from replay.timeline import MeetingTimeline

LINKS = {
    "recordings": "Recordings",
    "moments": "Moments",
    "timelines": "Timelines",
    "shares": "Share of time",
    "coverage": "Coverage",
    "limits": "Limits",
}

FOOTER = (
    "Made by Hoovik on Ray from recordings of this meeting. Every single result is in\n"
    "results.parquet and results.jsonl beside this page."
)


def report_html(
    timeline: MeetingTimeline,
    limits: Sequence[str],
    card_url: str | None,
    *,
    folder: Path | None = None,
) -> str:
    """A whole page; the same timeline gives the same bytes.

    Args:
        timeline: of the meeting.
        limits: of the bundle, see `limits_of`; of their HTML `strong` and `code` are kept.
        card_url: path or URL of the whole model card.
        folder: where the page will lie; local recordings are then linked relative to it,
            otherwise by their absolute path.
    """
    participants, tick_s = timeline.participants, timeline.tick_s
    names = [one.participant for one in participants]
    figures = [emotion_figures(one.results) for one in participants]
    covered = [coverage(one, tick_s) for one in participants]
    moments = [changes(one, tick_s) for one in participants]
    ticks = bin_ticks(timeline.duration_s, tick_s)
    charts = {
        chart_id(place): panel(one, drawn(one, tick_s, ticks), those, timeline.duration_s)
        for place, (one, those) in enumerate(zip(participants, moments, strict=True))
    }
    if names:
        charts |= {
            sections.SHARES: share_bars(names, figures),
            sections.COVERAGE: coverage_bars(names, covered),
        }
    heading = timeline.title or timeline.meeting
    warning = "UNTRAINED – " if timeline.untrained else ""
    return page_html(
        title=f"{warning}{heading} – expressed emotion",
        kind="Expressed emotion in a meeting",
        heading=heading,
        banner=sections.banner(timeline),
        facts=sections.facts(timeline, covered),
        links=LINKS,
        body=[
            sections.overview(timeline, covered, folder),
            sections.moments(timeline, moments, folder),
            sections.timelines(timeline, figures, covered, ticks),
            sections.shares(names, figures),
            sections.coverages(names, covered),
            sections.limits(limits, card_url, folder),
        ],
        charts=charts,
        footer=FOOTER,
    )
