"""Picture: which emotion is taken for which."""

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hoovik.schema.emotion import EMOTIONS
from training.card.canvas import COLOUR_MAP, panels, styled
from training.card.profiles import HEADINGS, Figures, judged

SHADES = 20
DARK_GROUND = 0.5
"""Share below which cividis is dark, so that the count is written in white."""


@styled()
def confusion_picture(figures: Figures) -> Figure | None:
    """A panel for each profile: counts, and how large a share of the true class they are.

    Args:
        figures: of an evaluation.

    Returns:
        None where no profile has a confusion matrix.
    """
    profiles = judged(figures, having="confusion")
    if not profiles:
        return None
    figure, axes = panels(len(profiles), height_in=3.9, sharey=True)
    for place, (axis, (profile, one)) in enumerate(zip(axes[0], profiles.items(), strict=True)):
        counts = np.asarray(one["confusion"], np.int64)
        mesh = _panel(axis, counts)
        axis.set_title(f"{HEADINGS[profile]}, n = {counts.sum():,}")
        axis.set_xlabel("read as")
        if place == 0:
            axis.set_ylabel("expressed")
    bar = figure.colorbar(mesh, ax=axes[0].tolist(), label="share of those expressed", shrink=0.7)
    # It would be the one thing in the picture that is made of pixels.
    assert bar.solids is not None
    bar.solids.set(rasterized=False, edgecolor="face")
    return figure


def row_shares(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Counts (6, 6) as shares of their row; a class that does not occur has NaN."""
    totals = counts.sum(axis=1, keepdims=True)
    return np.where(totals > 0, counts / np.maximum(totals, 1), np.nan)


def _panel(axis: Axes, counts: NDArray[np.int64]) -> QuadMesh:
    shares = row_shares(counts)
    mesh = axis.pcolormesh(
        np.ma.masked_invalid(shares),
        cmap=colormaps[COLOUR_MAP].resampled(SHADES),
        vmin=0,
        vmax=1,
        edgecolors="white",
    )
    for (row, column), share in np.ndenumerate(shares):
        axis.text(
            column + 0.5,
            row + 0.5,
            "–" if np.isnan(share) else f"{counts[row, column]}",
            ha="center",
            va="center",
            fontsize=8,
            color="white" if share < DARK_GROUND else "black",
        )
    places = np.arange(len(EMOTIONS)) + 0.5
    axis.set_xticks(places, EMOTIONS, rotation=45, ha="right", rotation_mode="anchor")
    axis.set_yticks(places, EMOTIONS)
    axis.tick_params(length=0)
    axis.set_aspect("equal")
    # The first class stands at the top, as in a table; with shared axes once is for all.
    axis.set_ylim(len(EMOTIONS), 0)
    axis.spines[:].set_visible(False)
    return mesh
