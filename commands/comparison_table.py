from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from replay.comparison import Comparison, wording
from replay.comparison.agreement import Agreement
from replay.comparison.differing import DifferingStretch
from replay.comparison.tables import interval, two_digits
from replay.report.clock import clock
from replay.report.markup import share

LONGEST = 10
"""Stretches that are shown."""


def overall_lines(comparison: Comparison) -> Iterator[Text]:
    """Which runs these are, and how far they agree; a warning first where models are untrained."""
    warning = wording.untrained(comparison.a.untrained, comparison.b.untrained)
    if warning:
        yield Text(warning, "bold red")
    for name, run in (("A", comparison.a), ("B", comparison.b)):
        yield Text(f"{name}: {run.name}, bundle {run.bundle}, {len(run):,} results")
    overall = comparison.overall
    yield Text(
        f"{overall.n:,} results match; {share(overall.equal_share)} have equal labels "
        f"({interval(overall.equal_interval)}), kappa {two_digits(overall.kappa)}; "
        f"{share(overall.of_matched(overall.same_flag))} are flagged alike.",
        "bold",
    )
    yield Text(wording.INDEPENDENT, "dim")


def participant_table(comparison: Comparison) -> Table:
    """A row for each participant; fits into 80 columns."""
    table = Table(title="Agreement by participant", title_justify="left")
    table.add_column("who", overflow="fold")
    for heading in ("both", "only A/B", "equal", "kappa", "difference", "flags"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in comparison.participants:
        table.add_row(_who(one.participant, one.meeting), *_cells(one.agreement))
    table.caption = (
        "difference of probabilities: mean (98th percentile); flags: share of equal ones"
    )
    return table


def stretch_table(stretches: Sequence[DifferingStretch]) -> Table:
    """The first of the stretches, which come longest first; fits into 80 columns."""
    shown = stretches[:LONGEST]
    title = f"Where they differ: {len(shown)} of {len(stretches):,} stretches, longest first"
    table = Table(title=title, title_justify="left")
    table.add_column("from – to", justify="right", no_wrap=True)
    table.add_column("who", overflow="fold")
    for heading in ("A told", "B told"):
        table.add_column(heading, no_wrap=True)
    table.add_column("results", justify="right", no_wrap=True)
    for one in shown:
        table.add_row(
            f"{clock(one.from_s, digits=1)} – {clock(one.to_s, digits=1)}",
            _who(one.participant, one.meeting),
            one.label_a,
            one.label_b,
            f"{one.n:,}",
        )
    return table


def _who(participant: str, meeting: str) -> Text:
    # As text: a name in brackets is no style.
    return Text(f"{participant} in {meeting}")


def _cells(figures: Agreement) -> tuple[str, ...]:
    return (
        f"{figures.n:,}",
        f"{figures.only_a:,}/{figures.only_b:,}",
        share(figures.equal_share),
        two_digits(figures.kappa),
        f"{two_digits(figures.difference_mean)} ({two_digits(figures.difference_p98)})",
        share(figures.of_matched(figures.same_flag)),
    )
