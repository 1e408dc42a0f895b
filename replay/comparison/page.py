"""The page of a comparison, in the look of a meeting's page."""

from replay.comparison import wording
from replay.comparison.comparing import ComparedParticipant, Comparison
from replay.comparison.tables import (
    SHOWN,
    agreement_table,
    interval,
    label_table,
    other_table,
    stretch_tables,
    two_digits,
)
from replay.comparison.tracks import height_px, label_tracks
from replay.report.charts import chart_place, toolbar
from replay.report.clock import clock
from replay.report.drawn import bin_ticks
from replay.report.markup import Html, element, folded, section, share
from replay.report.moments import chart_id
from replay.report.sections import law
from replay.report.shell import page_html

MOST_CHARTS = 24
"""Of participants; where there are more, those are drawn whose labels agree least."""

LINKS = {
    "agreement": "Agreement",
    "labels": "Labels",
    "differences": "Where they differ",
    "timelines": "Timelines",
}

FOOTER = (
    "Made by Hoovik on Ray from the results of two runs. All figures of this page, and every "
    "stretch, are in compare.json beside it."
)


def comparison_html(comparison: Comparison) -> str:
    """A whole page; the same comparison gives the same bytes."""
    charted, duration_s = _charted(comparison), _duration_s(comparison)
    warning = wording.untrained(comparison.a.untrained, comparison.b.untrained)
    return page_html(
        title=f"{'UNTRAINED – ' if warning else ''}Two runs compared – expressed emotion",
        kind="Expressed emotion in meetings, replayed twice",
        heading="Two runs compared",
        banner=_banner(warning),
        facts=_facts(comparison),
        links=LINKS,
        body=[
            law(),
            _agreement(comparison),
            _labels(comparison),
            _differences(comparison, charted),
            _timelines(comparison, charted, duration_s),
        ],
        charts={
            chart_id(place): label_tracks(
                one.a, one.b, one.stretches, tick_s=comparison.tick_s, duration_s=duration_s
            )
            for place, one in charted.items()
        },
        footer=FOOTER,
    )


def _banner(warning: str | None) -> Html | None:
    if warning is None:
        return None
    return element("p", element("strong", warning), class_="untrained", role="alert")


def _facts(comparison: Comparison) -> list[tuple[str, object]]:
    overall = comparison.overall
    return [
        ("Run A", comparison.a.name),
        ("Bundle of A", comparison.a.bundle),
        ("Run B", comparison.b.name),
        ("Bundle of B", comparison.b.bundle),
        ("Matched results", f"{overall.n:,}"),
        ("Equal labels", share(overall.equal_share)),
        ("95 % interval", interval(overall.equal_interval)),
        ("Kappa", two_digits(overall.kappa)),
    ]


def _agreement(comparison: Comparison) -> Html:
    return section(
        "agreement",
        "Agreement",
        element("p", wording.MATCHED),
        element("p", wording.INDEPENDENT),
        element("p", wording.KAPPA),
        agreement_table(comparison),
        element("p", wording.DIFFERENCE),
        other_table(comparison),
        element("p", wording.BETTER),
    )


def _labels(comparison: Comparison) -> Html:
    single = [
        folded(f"Labels of {_name(one)}", label_table(one.agreement, _name(one)))
        for one in comparison.participants
        if one.agreement.n
    ]
    return section("labels", "Labels", label_table(comparison.overall, "All"), *single)


def _differences(comparison: Comparison, charted: dict[int, ComparedParticipant]) -> Html:
    stretches = comparison.stretches
    if not stretches:
        content = element("p", "Both runs tell the same label of every matched result.")
    else:
        content = stretch_tables(stretches, comparison.participants, charted)
    more = element("p", f"These are the {SHOWN} longest of {len(stretches):,} stretches.")
    return section(
        "differences",
        LINKS["differences"],
        element("p", wording.STRETCHES),
        more if len(stretches) > SHOWN else "",
        content,
    )


def _timelines(
    comparison: Comparison, charted: dict[int, ComparedParticipant], duration_s: float
) -> Html:
    ticks = bin_ticks(duration_s, comparison.tick_s)
    binned = element(
        "p",
        "There are more results than a screen has room for: what is drawn is the label told most "
        f"often in {ticks} ticks ({ticks * comparison.tick_s:.1f} s).",
    )
    matched = sum(one.agreement.n > 0 for one in comparison.participants)
    chosen = element(
        "p", f"Of {matched:,} participants these are the {len(charted)} whose labels agree least."
    )
    return section(
        "timelines",
        "Timelines",
        element("p", wording.TRACKS),
        binned if ticks > 1 else "",
        chosen if matched > len(charted) else "",
        toolbar(),
        *(_panel(place, one, duration_s) for place, one in charted.items()),
    )


def _panel(place: int, one: ComparedParticipant, duration_s: float) -> Html:
    figures = one.agreement
    brief = (
        f"{share(figures.equal_share)} equal labels · kappa {two_digits(figures.kappa)} · "
        f"{len(one.stretches):,} stretches differ"
    )
    words = (
        f"Labels of {_name(one)} in run A and run B from 0:00 to {clock(duration_s)}, and where "
        f"they differ; {brief}. The tables above have the figures."
    )
    return element(
        "figure",
        element("h3", _name(one)),
        element("p", brief, class_="brief"),
        chart_place(chart_id(place), height_px(), words, keyboard=True),
        class_="panel",
    )


def _charted(comparison: Comparison) -> dict[int, ComparedParticipant]:
    """Participants with a chart, by their places."""
    matched = [place for place, one in enumerate(comparison.participants) if one.agreement.n]
    least = sorted(
        matched, key=lambda place: comparison.participants[place].agreement.equal_share or 0.0
    )
    return {place: comparison.participants[place] for place in sorted(least[:MOST_CHARTS])}


def _duration_s(comparison: Comparison) -> float:
    """Until when the last result of any run holds."""
    last = [
        float(results.time_s[-1])
        for one in comparison.participants
        for results in (one.a, one.b)
        if len(results)
    ]
    return max(last) + comparison.tick_s


def _name(one: ComparedParticipant) -> str:
    return f"{one.participant} in {one.meeting}"
