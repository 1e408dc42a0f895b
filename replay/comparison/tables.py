"""The tables of the comparison's page."""

from collections.abc import Callable, Collection, Sequence

from hoovik.schema.emotion import EMOTIONS
from replay.comparison.agreement import Agreement
from replay.comparison.comparing import ComparedParticipant, Comparison
from replay.comparison.differing import DifferingStretch
from replay.report.clock import clock
from replay.report.markup import NONE, Html, folded, joined, share, table
from replay.report.moments import to_chart

SHOWN, AT_ONCE = 200, 20
"""Stretches on the page, the smaller ones folded; the file of figures has all of them."""


def agreement_table(comparison: Comparison) -> Html:
    """How many results match and have equal labels, over everything and of each participant."""
    columns = (
        "Matched",
        "Only in A",
        "Only in B",
        "Equal labels",
        "95 % interval",
        "Kappa",
        "Neither flagged",
        "Equal labels of these",
    )
    caption = "Matched results and their labels, over all results and by participant"
    return _by_participant(comparison, caption, columns, _label_cells)


def other_table(comparison: Comparison) -> Html:
    """What is equal besides the labels, over everything and of each participant."""
    columns = (
        "Mean difference",
        "98th percentile",
        "Same modalities",
        "Same flag",
        "Flagged in A",
        "Flagged in B",
        "Flagged in both",
    )
    caption = "Probabilities, modalities and flags of matched results, over all and by participant"
    return _by_participant(comparison, caption, columns, _other_cells)


def label_table(figures: Agreement, whose: str) -> Html:
    """Results by the label that each run told."""
    counts = figures.table
    rows = [
        (emotion, *(f"{count:,}" for count in (*own, own.sum())))
        for emotion, own in zip(EMOTIONS, counts, strict=True)
    ]
    totals = counts.sum(axis=0)
    rows.append(("All of B", *(f"{count:,}" for count in (*totals, counts.sum()))))
    caption = f"{whose}: matched results by label, rows of run A and columns of run B"
    return table(caption, ("A told", *(f"B {emotion}" for emotion in EMOTIONS), "All of A"), rows)


def stretch_tables(
    stretches: Sequence[DifferingStretch],
    participants: Sequence[ComparedParticipant],
    charted: Collection[int],
) -> Html:
    """The longest stretches, linked to the charts; where they are many, the shorter ones folded.

    Args:
        stretches: the longest first.
        participants: of the comparison.
        charted: places of those who have a chart.
    """
    places = {(one.meeting, one.participant): place for place, one in enumerate(participants)}

    def listed(caption: str, some: Sequence[DifferingStretch]) -> Html:
        rows = [
            _stretch_cells(one, place if place in charted else None)
            for one in some
            for place in (places[one.meeting, one.participant],)
        ]
        columns = ("From", "To", "Length", "Participant", "Meeting", "A told", "B told")
        return table(caption, (*columns, "Results", "Flagged"), rows)

    long, short = stretches[:AT_ONCE], stretches[AT_ONCE:SHOWN]
    parts = [listed("Stretches in which the runs tell different labels, the longest first", long)]
    if short:
        parts.append(folded(f"{len(short)} shorter stretches", listed("Shorter stretches", short)))
    return joined(parts)


def interval(bounds: tuple[float, float] | None) -> str:
    """An interval of shares in per cent."""
    return NONE if bounds is None else f"{bounds[0]:.1%} to {bounds[1]:.1%}"


def two_digits(value: float | None) -> str:
    """A figure that is no share."""
    return NONE if value is None else f"{value:.2f}"


def _by_participant(
    comparison: Comparison,
    caption: str,
    columns: Sequence[str],
    cells: Callable[[Agreement], Sequence[str]],
) -> Html:
    rows = [("All", NONE, *cells(comparison.overall))]
    rows += [
        (one.participant, one.meeting, *cells(one.agreement)) for one in comparison.participants
    ]
    return table(caption, ("Participant", "Meeting", *columns), rows)


def _label_cells(figures: Agreement) -> tuple[str, ...]:
    return (
        f"{figures.n:,}",
        f"{figures.only_a:,}",
        f"{figures.only_b:,}",
        share(figures.equal_share),
        interval(figures.equal_interval),
        two_digits(figures.kappa),
        f"{figures.usual:,}",
        share(figures.usual_equal_share),
    )


def _other_cells(figures: Agreement) -> tuple[str, ...]:
    return (
        two_digits(figures.difference_mean),
        two_digits(figures.difference_p98),
        share(figures.of_matched(figures.same_profile)),
        share(figures.of_matched(figures.same_flag)),
        f"{figures.flagged_a:,}",
        f"{figures.flagged_b:,}",
        f"{figures.flagged_both:,}",
    )


def _stretch_cells(one: DifferingStretch, chart: int | None) -> tuple[object, ...]:
    """Cells of a stretch, with a link to the chart at this place."""
    return (
        clock(one.from_s) if chart is None else to_chart(one.from_s, chart),
        clock(one.to_s),
        f"{one.duration_s:.1f} s",
        one.participant,
        one.meeting,
        one.label_a,
        one.label_b,
        f"{one.n:,}",
        f"{one.flagged:,}",
    )
