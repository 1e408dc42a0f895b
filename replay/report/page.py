"""The page: everything of a meeting in one file that needs no network."""

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from string import Template

from plotly.offline import get_plotlyjs

from replay.changes import changes
from replay.figures import coverage, emotion_figures
from replay.report import sections
from replay.report.bars import coverage_bars, share_bars
from replay.report.clock import ZERO_MS
from replay.report.drawn import bin_ticks, drawn
from replay.report.markup import Html, data_block, escaped, joined
from replay.report.moments import chart_id
from replay.report.palette import THEMES
from replay.report.panel import panel
from replay.timeline import MeetingTimeline


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
    data = {"charts": charts, "themes": THEMES, "zero_ms": ZERO_MS}
    code, plotly = _own("page.js"), get_plotlyjs()
    return Template(_own("page.html")).substitute(
        policy=_policy(code, plotly),
        heading=escaped(timeline.title or timeline.meeting),
        warning="UNTRAINED – " if timeline.untrained else "",
        style=_own("style.css"),
        banner=sections.banner(timeline),
        facts=sections.facts(timeline, covered),
        body=joined(
            [
                sections.overview(timeline, covered, folder),
                sections.moments(timeline, moments, folder),
                sections.timelines(timeline, figures, covered, ticks),
                sections.shares(names, figures),
                sections.coverages(names, covered),
                sections.limits(limits, card_url, folder),
            ]
        ),
        data=data_block(data),
        plotly=plotly,
        code=code,
    )


def _own(name: str) -> str:
    return files("replay.report").joinpath(name).read_text(encoding="utf-8")


def _policy(*scripts: str) -> Html:
    """What a browser may do with the page: run these scripts, and load nothing."""
    hashes = (base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts)
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    # Plotly styles its elements itself.
    return Html(
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
