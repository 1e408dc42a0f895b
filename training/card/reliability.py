"""Picture: how often results of a confidence are right, before and after calibration."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.card.canvas import DARK, LIGHT, MIDDLE, panels, styled
from training.card.profiles import HEADINGS, Figures, judged

BEFORE = {"color": MIDDLE, "linestyle": "--", "marker": "s", "markerfacecolor": "white"}
AFTER = {"color": DARK, "linestyle": "-", "marker": "o"}


@styled()
def reliability_picture(figures: Figures) -> Figure | None:
    """For each profile accuracy over confidence, and below it how many results there were.

    Args:
        figures: of an evaluation. Bins of the uncalibrated probabilities are drawn where
            `uncalibrated.reliability` has them.

    Returns:
        None where no profile has bins.
    """
    profiles = judged(figures, having="reliability")
    if not profiles:
        return None
    figure, axes = panels(
        len(profiles), rows=2, height_in=4.6, sharex=True, sharey="row", height_ratios=(3, 1)
    )
    for place, (profile, one) in enumerate(profiles.items()):
        above, below = axes[0][place], axes[1][place]
        before = one["uncalibrated"].get("reliability", [])
        above.plot((0, 1), (0, 1), color=MIDDLE, linewidth=0.8, linestyle=":")
        _curve(above, before, f"before, ECE {one['uncalibrated']['ece']:.3f}", BEFORE)
        _curve(above, one["reliability"], f"after, ECE {one['ece']:.3f}", AFTER)
        above.legend(loc="upper left")
        above.set(title=f"{HEADINGS[profile]}, n = {one['n']:,}", xlim=(0, 1), ylim=(0, 1.02))
        _counts(below, one["reliability"])
        below.set_xlabel("confidence")
    axes[0][0].set_ylabel("accuracy")
    axes[1][0].set_ylabel("n after")
    return figure


def _curve(axis: Axes, bins: Sequence[Figures], label: str, how: dict[str, Any]) -> None:
    filled = [one for one in bins if one["n"]]
    if filled:
        confidences = [one["confidence"] for one in filled]
        accuracies = [one["accuracy"] for one in filled]
        axis.plot(confidences, accuracies, label=label, markersize=4.5, linewidth=1.2, **how)


def _counts(axis: Axes, bins: Sequence[Figures]) -> None:
    width = 1 / len(bins)
    axis.bar(
        [(place + 0.5) * width for place in range(len(bins))],
        [one["n"] for one in bins],
        width=width,
        color=LIGHT,
        edgecolor=DARK,
        linewidth=0.6,
    )
