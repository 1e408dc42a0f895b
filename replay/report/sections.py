"""The sections of the page, in its order."""

from collections.abc import Sequence
from pathlib import Path

from replay.changes import Change
from replay.figures import Coverage, EmotionFigures
from replay.report import tables
from replay.report.charts import bar_chart, panel_figure, toolbar
from replay.report.clock import clock
from replay.report.links import address
from replay.report.markup import Html, element, folded, inline, joined, section
from replay.report.moments import EXPLAINED, moments_table
from replay.timeline import MeetingTimeline
from replay.wording import EXPRESSED, prior_words

SHARES, COVERAGE = "chart-shares", "chart-coverage"

LAW = (
    "In the EU, nobody may use this on people at work, in job interviews or in education: the AI "
    "Act (Art. 5(1)(f)) prohibits inferring emotions there, with consent or without, unless it "
    "serves medical or safety reasons. Elsewhere the people shown here have to know about it and, "
    "under the GDPR, as a rule have to have agreed; no decision about any of them may rest on it."
)

UNTRAINED = (
    "Untrained models. Their weights are random: every emotion, probability and flag on this page "
    "is noise and says nothing about anybody."
)

KEY = (
    ("pale", "probability, from 0 to the height of the row"),
    ("strong", "the same while this emotion is the label told"),
    ("hatched", "flagged: unfit, or unlike the training data; to be disregarded"),
    ("blank", "no result: neither speech nor face"),
    ("outside", "outside the recording"),
    ("moment", "moment of change"),
)


def banner(timeline: MeetingTimeline) -> Html:
    """A warning that nobody misses, where the figures mean nothing."""
    if not timeline.untrained:
        return joined([])
    return element("p", element("strong", UNTRAINED), class_="untrained", role="alert")


def facts(timeline: MeetingTimeline, covered: Sequence[Coverage]) -> Sequence[tuple[str, object]]:
    """The meeting in a few words."""
    return (
        ("Meeting", timeline.meeting),
        ("Length", clock(timeline.duration_s)),
        ("Participants", len(timeline.participants)),
        ("Results", f"{sum(one.results for one in covered):,}, one every {timeline.tick_s:g} s"),
        ("Bundle", timeline.bundle),
        ("Prior", prior_words(timeline.prior)),
    )


def overview(timeline: MeetingTimeline, covered: Sequence[Coverage], folder: Path | None) -> Html:
    """What this is, what the law says, and what was read."""
    faults = [
        element("p", element("strong", one.participant), f": {one.fault}", class_="fault")
        for one in timeline.participants
        if one.fault
    ]
    recordings = section(
        "recordings", "Recordings", *faults, tables.recordings_table(timeline, covered, folder)
    )
    return joined([law(" ", element("a", "Limits of the models", href="#limits")), recordings])


def law(*more: object) -> Html:
    """What this is and what the law says; `more` stands at its end."""
    return element(
        "aside",
        element("p", element("strong", EXPRESSED)),
        element("p", LAW, *more),
        class_="law",
        aria_label="What this is and what the law says",
    )


def moments(
    timeline: MeetingTimeline, found: Sequence[Sequence[Change]], folder: Path | None
) -> Html:
    """Where to look."""
    return section(
        "moments",
        "Moments worth a look",
        element("p", EXPLAINED),
        moments_table(timeline.participants, found, folder),
    )


def timelines(
    timeline: MeetingTimeline,
    figures: Sequence[EmotionFigures],
    covered: Sequence[Coverage],
    ticks: int,
) -> Html:
    """All participants on one clock."""
    averaged = element(
        "p",
        "There are more results than a screen has room for: what is drawn are means over "
        f"{ticks} ticks ({ticks * timeline.tick_s:.1f} s) and the label told most often in them. "
        "Tables count every result.",
    )
    return section(
        "timelines",
        "Timelines",
        element(
            "p",
            "All charts share the meeting's clock and zoom together: drag over a chart, use the "
            "buttons, or the arrow keys, + and − and 0 on a chart.",
            class_="how",
        ),
        averaged if ticks > 1 else "",
        element(
            "ul",
            *(
                element("li", element("i", class_=f"sign {sign}", aria_hidden="true"), words)
                for sign, words in KEY
            ),
            class_="key",
        ),
        toolbar(),
        *(
            panel_figure(place, one, own, cover, timeline)
            for place, (one, own, cover) in enumerate(
                zip(timeline.participants, figures, covered, strict=True)
            )
        ),
    )


def shares(names: Sequence[str], figures: Sequence[EmotionFigures]) -> Html:
    """Who expressed what how often."""
    return section(
        "shares",
        "Share of time",
        element("p", "How often each emotion was the label told, of what is not flagged."),
        bar_chart(SHARES, names, "Share of the results by the emotion told, a bar a participant."),
        tables.shares_table(names, figures),
        folded("Mean probabilities", tables.means_table(names, figures)),
    )


def coverages(names: Sequence[str], covered: Sequence[Coverage]) -> Html:
    """What the results rest on."""
    return section(
        "coverage",
        "Coverage",
        element(
            "p",
            "What results rest on, as shares of the ticks that each recording has room for. "
            "Without speech and without a face there is no result.",
        ),
        bar_chart(
            COVERAGE, names, "Share of each recording with voice and face, one of them, or none."
        ),
        tables.coverage_table(names, covered),
    )


def limits(items: Sequence[str], card_url: str | None, folder: Path | None) -> Html:
    """What the models cannot do and must not be used for."""
    link = None if card_url is None else address(card_url, folder)
    return section(
        "limits",
        "Limits",
        element("p", "From the model card of the bundle."),
        element("ul", *(element("li", inline(item)) for item in items)) if items else "",
        "" if link is None else element("p", element("a", "The whole model card", href=link)),
    )
