"""How every picture of the card looks, and how it becomes bytes that are the same each time.

Nothing rests on colour alone: profiles differ by marker and line too, and the colours are taken
from cividis, which grows lighter in the same order for every eye. The ground is an opaque white, so
that dark pages show the pictures as they are.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from matplotlib import style
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hoovik.schema.emotion import Profile

DARK, MIDDLE, LIGHT = "#00224e", "#7d7c78", "#e0c34a"
"""Three lightnesses of cividis."""

COLOUR_MAP = "cividis"

FONT = "DejaVu Sans"

_STYLE = {
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "axes.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.labelsize": 9,
    "font.family": FONT,
    "font.size": 9,
    "hatch.linewidth": 0.6,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "hoovik",
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
}


@dataclass(frozen=True, slots=True)
class Stroke:
    """How the line of one profile is drawn."""

    color: str
    linestyle: str
    marker: str


STROKES = {
    Profile.BOTH: Stroke(DARK, "-", "o"),
    Profile.AUDIO_ONLY: Stroke(MIDDLE, "--", "s"),
    Profile.VIDEO_ONLY: Stroke("#a8890f", "-.", "^"),
}


@contextmanager
def styled() -> Iterator[None]:
    """The style of the card, whatever a user's own settings are; a context or a decorator."""
    with style.context(["default", _STYLE]):
        yield


def panels(
    n: int, *, rows: int = 1, height_in: float, **layout: Any
) -> tuple[Figure, NDArray[Any]]:
    """A figure ten inches wide, and its axes (rows, n)."""
    figure = Figure(figsize=(10, height_in), layout="constrained")
    return figure, figure.subplots(rows, n, squeeze=False, **layout)


@styled()
def to_svg(figure: Figure) -> bytes:
    """The picture as SVG whose text is text, without date or maker."""
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    # Where a reader does not have the font, one of about the same widths must do.
    return drawn.getvalue().replace(f"'{FONT}'", f"'{FONT}', Verdana, sans-serif").encode()
