"""Times of a meeting as people write them, and on the axis of a chart."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

HOUR_S = 3600

ZERO_MS = 946_684_800_000.0
"""Where meetings begin on an axis: a midnight, far enough from zero, near which Plotly takes numbers
for years."""

PLACES = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
"""Seconds, or multiples of them, that a table goes by."""


def clock(seconds: float, *, digits: int = 0) -> str:
    """1:02:03, or 2:03 below an hour, with as many decimals as wanted."""
    scale = 10**digits
    whole, part = divmod(round(seconds * scale), scale)
    minutes, second = divmod(whole, 60)
    hour, minute = divmod(minutes, 60)
    text = f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"
    return f"{text}.{part:0{digits}}" if digits else text


def span(start_s: float, end_s: float) -> str:
    """From one time to another."""
    return f"{clock(start_s)}–{clock(end_s)}"


def interval_s(duration_s: float, most: int) -> int:
    """The shortest round interval of which at most `most` make the duration."""
    return next((place for place in PLACES if duration_s <= place * most), PLACES[-1])


def axis_ms(seconds: float) -> float:
    """A time of the meeting as a place on the axis."""
    return ZERO_MS + round(seconds * 1000)


def axes_ms(seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same of many times."""
    return ZERO_MS + np.round(seconds * 1000)


def time_axis(duration_s: float) -> dict[str, Any]:
    """An axis of Plotly on the meeting's clock, on which dates stand for times.

    They let Plotly find round places at any zoom. Values are those of `axis_ms`.
    """
    whole = "%-H:%M:%S" if duration_s >= HOUR_S else "%-M:%S"
    end = axis_ms(max(duration_s, 1.0))
    return {
        "type": "date",
        "range": [ZERO_MS, end],
        "minallowed": ZERO_MS,
        "maxallowed": end,
        "tickformatstops": [
            {"dtickrange": [None, 999], "value": f"{whole}.%1f"},
            {"dtickrange": [1000, None], "value": whole},
        ],
        "hoverformat": f"{whole}.%1f",
    }
