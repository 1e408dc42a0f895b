"""Picture: how usual results look to the forests, and where they are flagged."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hoovik.schema.emotion import Profile
from training.card.canvas import DARK, LIGHT, panels, styled
from training.card.profiles import HEADINGS, Figures, judged


@styled()
def anomaly_picture(figures: Figures) -> Figure | None:
    """For each profile the distribution of the scores, the threshold, and corrupted input.

    Args:
        figures: of an evaluation. Scores of corrupted input are drawn where corruptions of the
            profile have `anomaly_scores`.

    Returns:
        None where no profile has scores.
    """
    profiles = judged(figures, having="anomaly_scores")
    if not profiles:
        return None
    figure, axes = panels(len(profiles), height_in=3.2)
    for axis, (profile, one) in zip(axes[0], profiles.items(), strict=True):
        corrupted = _corrupted(figures, profile)
        _panel(axis, one["anomaly_scores"], corrupted)
        axis.set_xlim(*_extent([one["anomaly_scores"], *corrupted]))
        axis.set_title(f"{HEADINGS[profile]}, {one['anomaly_rate']:.1%} flagged")
        axis.set_xlabel("score; higher is more usual")
    axes[0][0].set_ylabel("share of ticks")
    handles, labels = axes[0][-1].get_legend_handles_labels()
    for axis in axes[0][:-1]:
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            if label not in labels:
                handles, labels = [*handles, handle], [*labels, label]
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure


def _corrupted(figures: Figures, profile: Profile) -> list[Figures]:
    return [
        one["anomaly_scores"]
        for one in figures.get("corruptions", {}).values()
        if one["profile"] == profile.value and sum(one.get("anomaly_scores", {}).get("counts", ()))
    ]


def _extent(histograms: Sequence[Figures]) -> tuple[float, float]:
    """Ends of the bins that hold anything, and of the threshold, with a little room."""
    bounds = [one["threshold"] for one in histograms if one.get("threshold") is not None]
    for one in histograms:
        filled = np.flatnonzero(one["counts"])
        if filled.size:
            bounds += [one["edges"][filled[0]], one["edges"][filled[-1] + 1]]
    room = 0.04 * (max(bounds) - min(bounds))
    return min(bounds) - room, max(bounds) + room


def _panel(axis: Axes, clean: Figures, corrupted: Sequence[Figures]) -> None:
    _steps(axis, [clean], "clean", {"facecolor": LIGHT, "edgecolor": DARK})
    if corrupted:
        look = {"facecolor": "none", "edgecolor": DARK, "hatch": "////", "linestyle": "--"}
        _steps(axis, corrupted, "corrupted, all kinds", look)
    threshold = clean.get("threshold")
    if threshold is not None:
        axis.axvline(
            threshold, color="black", linestyle=":", linewidth=1.6, label="flagged below this"
        )
    axis.set_ylim(bottom=0)


def _steps(axis: Axes, histograms: Sequence[Figures], label: str, look: dict[str, Any]) -> None:
    edges, shares = _merged(histograms)
    axis.stairs(shares, edges, fill=True, label=label, linewidth=1.1, **look)


def _merged(histograms: Sequence[Figures]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Edges (k + 1,) and shares (k,) of histograms over equal bins; the bins of the first decide.

    The counts of a histogram with other bins go where the middles of its bins lie.
    """
    edges = np.asarray(histograms[0]["edges"], np.float64)
    total = np.zeros(len(edges) - 1)
    for one in histograms:
        own = np.asarray(one["edges"], np.float64)
        middles = ((own[:-1] + own[1:]) / 2).clip(edges[0], edges[-1])
        total += np.histogram(middles, edges, weights=one["counts"])[0]
    return edges, total / max(total.sum(), 1)
