"""What the figures of a comparison mean, for people."""

from replay.comparison.differing import BRIDGED_TICKS

INDEPENDENT = (
    "Neighbouring results share most of what they rest on and are smoothed together: "
    "the 95 % interval (Wilson) takes them for independent, and is too narrow."
)

KAPPA = (
    "Cohen's kappa is the agreement beyond what two runs with these shares of labels would reach "
    "by chance: 1 is full agreement, 0 is chance. It does not exist where both runs tell one and "
    "the same label throughout."
)

MATCHED = (
    "Results match where meeting, participant and time are the same. All figures are of matched "
    "results, the flagged ones among them unless it says otherwise."
)

DIFFERENCE = (
    "The difference of a result is the largest absolute difference between its six probabilities "
    "in both runs, from 0 to 1."
)

STRETCHES = (
    "Results one after the other to which both runs give the same two different labels; up to "
    f"{BRIDGED_TICKS} ticks between them without a result, or with equal labels, are bridged. "
    "Results counts those that differ, and flagged those of them that either run flags, of which "
    "a client shows nothing."
)

TRACKS = (
    "In the row of each emotion, run A is filled above the line and run B below it, while this is "
    "the label told; the last row is filled where the runs differ. All charts share one clock and "
    "zoom together: drag over a chart, use the buttons, or the arrow keys, + and − and 0 on a chart."
)

BETTER = (
    "Agreement says how alike two runs are, not which of them is right: for that, hoovik evaluate "
    "judges bundles on labelled clips."
)

UNTRAINED = (
    "Untrained models. The weights behind run {runs} are random: its labels are noise, and this "
    "comparison says nothing about a bundle."
)


def untrained(a: bool, b: bool) -> str | None:
    """A warning, where models with random weights had a part in a run."""
    runs = [name for name, flag in (("A", a), ("B", b)) if flag]
    return UNTRAINED.format(runs=" and run ".join(runs)) if runs else None
