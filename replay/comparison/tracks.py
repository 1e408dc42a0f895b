"""Chart: the labels of one participant in both runs over the meeting."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go

from hoovik.schema.emotion import EMOTIONS
from replay.comparison.differing import DifferingStretch
from replay.report.clock import axes_ms
from replay.report.drawn import Drawn, bin_ticks, drawn
from replay.report.panel import MARGINS, Figure, fixed_axis, plain, row_axis, steps, timed_layout
from replay.timeline import ParticipantTimeline, Results

ROW_PX, GAP_PX = 26, 4
DIFFER = "differ"
ROWS = (*EMOTIONS, DIFFER)


def label_tracks(
    a: Results,
    b: Results,
    stretches: Sequence[DifferingStretch],
    *,
    tick_s: float,
    duration_s: float,
) -> Figure:
    """A row for each emotion, above whose line lies run A and below it run B; then where they differ.

    Args:
        a: results of run A, matched or not.
        b: the same of run B.
        stretches: where labels differ, by time.
        tick_s: distance of results where nothing is missing.
        duration_s: of the axis, the same for all participants.
    """
    figure = go.Figure(layout=_layout(duration_s))
    for results, height in ((a, 1.0), (b, -1.0)):
        bins = _bins(results, tick_s, duration_s)
        heights = np.full(len(bins), height)
        for place, emotion in enumerate(EMOTIONS):
            area = bins.area(heights, bins.told == place)
            figure.add_trace(steps(area, row_axis(place), "strong", emotion))
    bounds_s = np.array([(one.from_s, one.to_s) for one in stretches], np.float64).reshape(-1, 2)
    ups = np.tile(np.array([1.0, 0.0], np.float32), len(stretches))
    differ = row_axis(ROWS.index(DIFFER))
    figure.add_trace(steps((bounds_s.ravel(), ups), differ, "strong", "moment"))
    figure.add_trace(
        go.Scatter(
            x=axes_ms(bounds_s.mean(axis=1)),
            y=np.full(len(stretches), 0.5, np.float32),
            xaxis="x",
            yaxis=differ,
            mode="markers",
            customdata=[[one.label_a, one.label_b, one.n] for one in stretches],
            hovertemplate="A <b>%{customdata[0]}</b><br>B <b>%{customdata[1]}</b><br>"
            "%{customdata[2]} results<extra></extra>",
            meta={"role": "unseen", "paint": "moment"},
        )
    )
    return plain(figure)


def height_px() -> int:
    """Of the whole chart."""
    return _inner_px() + MARGINS["t"] + MARGINS["b"]


def _bins(results: Results, tick_s: float, duration_s: float) -> Drawn:
    """Flagged results are compared like any other, so here they are drawn like any other."""
    drawn_too = replace(results, anomaly=np.zeros(len(results), np.bool_))
    one = ParticipantTimeline("", "", 0.0, duration_s, drawn_too)
    return drawn(one, tick_s, bin_ticks(duration_s, tick_s))


def _layout(duration_s: float) -> Figure:
    layout = timed_layout(height_px(), duration_s)
    for place, name in enumerate(ROWS):
        low, middle = (0, 0.5) if name == DIFFER else (-1, 0)
        bottom = (len(ROWS) - 1 - place) * (ROW_PX + GAP_PX)
        layout[f"yaxis{place + 1}"] = {
            **fixed_axis([bottom / _inner_px(), (bottom + ROW_PX) / _inner_px()]),
            "range": [low, 1],
            "tickvals": [middle],
            "ticktext": [name],
            "zeroline": True,
        }
    return layout


def _inner_px() -> int:
    return len(ROWS) * (ROW_PX + GAP_PX) - GAP_PX
