"""Picture: how the transformer learned, epoch by epoch."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hoovik.schema.emotion import Profile
from training.card.canvas import DARK, STROKES, panels, styled
from training.card.profiles import HEADINGS

Curves = Sequence[Mapping[str, Any]]
"""One mapping for each epoch: epoch, phase, loss, nll and uar by profile."""

SHADES = ("#e4e4e4", "#f3f3f3")
"""Of one phase and the next. What no epoch ran in, because a phase ended early, stays white."""


@styled()
def curves_picture(curves: Curves) -> Figure | None:
    """Loss in training, and NLL and UAR of each profile on validation, over the epochs.

    Args:
        curves: of the fitted transformer, in the order of the epochs.

    Returns:
        None where there are none.
    """
    if not curves:
        return None
    figure, axes = panels(1, rows=3, height_in=6.0, sharex=True)
    loss, nll, uar = axes[:, 0]
    phases = [list(epochs) for _, epochs in groupby(curves, key=lambda one: one["phase"])]
    for axis in (loss, nll, uar):
        _shade(axis, phases)
    for epochs in phases:
        numbers = [one["epoch"] for one in epochs]
        loss.plot(numbers, [one["loss"] for one in epochs], color=DARK, marker=".", markersize=4)
        for axis, figure_name in ((nll, "nll"), (uar, "uar")):
            _by_profile(axis, epochs, figure_name)
        middle = (numbers[0] + numbers[-1]) / 2
        loss.annotate(
            f"phase {epochs[0]['phase']}",
            (middle, 1),
            (0, 3),
            xycoords=loss.get_xaxis_transform(),
            textcoords="offset points",
            ha="center",
        )
    loss.set_ylabel("training loss")
    nll.set_ylabel("validation NLL")
    uar.set(ylabel="validation UAR", xlabel="epoch")
    handles, labels = nll.get_legend_handles_labels()
    first = dict(zip(reversed(labels), reversed(handles), strict=True))
    order = [heading for heading in HEADINGS.values() if heading in first]
    figure.legend([first[heading] for heading in order], order, loc="outside lower center", ncols=3)
    return figure


def _by_profile(axis: Axes, epochs: Curves, figure_name: str) -> None:
    # A phase goes on from the best weights of the one before, so that no line joins the two.
    for profile in Profile:
        points = [
            (one["epoch"], one[figure_name][profile.value])
            for one in epochs
            if profile.value in one[figure_name]
        ]
        if points:
            stroke = STROKES[profile]
            axis.plot(
                *zip(*points, strict=True),
                color=stroke.color,
                linestyle=stroke.linestyle,
                marker=stroke.marker,
                markersize=3,
                linewidth=1.1,
                label=HEADINGS[profile],
            )


def _shade(axis: Axes, phases: Sequence[Curves]) -> None:
    for place, epochs in enumerate(phases):
        start, end = epochs[0]["epoch"] - 0.5, epochs[-1]["epoch"] + 0.5
        axis.axvspan(start, end, color=SHADES[place % 2], zorder=0, linewidth=0)
    axis.set_xlim(phases[0][0]["epoch"] - 0.5, phases[-1][-1]["epoch"] + 0.5)
