"""Chart: one participant over the meeting, a row for each emotion and below what it rests on."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from hoovik.schema.emotion import EMOTIONS, Profile
from replay.changes import Change
from replay.report.clock import axes_ms, axis_ms, time_axis
from replay.report.drawn import Corners, Drawn
from replay.timeline import ParticipantTimeline
from replay.wording import PROFILE_WORDS

ROW_PX, MARK_PX, GAP_PX, APART_PX = 28, 13, 3, 10
"""Heights: of an emotion, of a row of marks, between rows, between both groups."""

MARGINS = {"l": 92, "r": 14, "t": 16, "b": 30}
MARKS = ("voice", "face", "flagged")
ROWS = (*EMOTIONS, *MARKS)

OVERLAY, WHOLE = f"y{len(ROWS) + 1}", f"y{len(ROWS) + 2}"
"""Axes over all emotions and over all rows; the last one lies on top and is what is pointed at."""

Figure = dict[str, Any]


def panel(
    one: ParticipantTimeline, bins: Drawn, moments: Sequence[Change], duration_s: float
) -> Figure:
    """The chart without colours, which the page lays on by each trace's `meta`.

    A pale area is the probability, a strong one the probability while the emotion is the label
    told; hatching lies over bins of which more than half is flagged.

    Args:
        one: the participant.
        bins: what is drawn of the results.
        moments: of change, marked on top.
        duration_s: of the meeting, the same for all participants.
    """
    figure = go.Figure(layout=_layout(one, duration_s))
    for place, emotion in enumerate(EMOTIONS):
        heights, axis = bins.probs[:, place], row_axis(place)
        figure.add_trace(steps(bins.area(heights), axis, "pale", emotion))
        figure.add_trace(steps(bins.area(heights, bins.told == place), axis, "strong", emotion))
        figure.add_trace(steps(bins.line(heights), axis, "line", emotion))
    for place, (name, values) in enumerate(
        zip(MARKS, (bins.voice, bins.face, bins.flagged), strict=True), len(EMOTIONS)
    ):
        role, paint = ("hatched", name) if name == "flagged" else ("strong", "both")
        figure.add_trace(steps(bins.area(values), row_axis(place), role, paint))
    covered = bins.area(np.ones(len(bins)), bins.flagged > 0.5)
    figure.add_trace(steps(covered, OVERLAY, "veil", "flagged"))
    figure.add_trace(_pointed_at(bins))
    figure.add_trace(_marked(moments))
    return plain(figure)


def height_px() -> int:
    """Of the whole chart."""
    return _inner_px() + MARGINS["t"] + MARGINS["b"]


def plain(figure: go.Figure) -> Figure:
    """What Plotly's JavaScript takes, without Plotly's own colours."""
    content: Figure = json.loads(figure.to_json())
    content["layout"].pop("template", None)
    return content


def row_axis(place: int) -> str:
    """Plotly's name of the axis of the row at this place, from 0."""
    return "y" if place == 0 else f"y{place + 1}"


def steps(corners: Corners, axis: str, role: str, paint: str) -> go.Scatter:
    """Values that hold until the next; `role` and `paint` are what the page colours them by."""
    x, y = corners
    hatch = {"shape": "/", "size": 5, "solidity": 0.35} if role in {"hatched", "veil"} else None
    return go.Scatter(
        x=axes_ms(x),
        y=y,
        xaxis="x",
        yaxis=axis,
        mode="lines",
        line={"shape": "hv", "width": 1 if role == "line" else 0},
        fill="none" if role == "line" else "tozeroy",
        fillpattern=hatch,
        hoverinfo="skip",
        meta={"role": role, "paint": paint},
    )


def _pointed_at(bins: Drawn) -> go.Scatter:
    """Markers that nobody sees, and that tell what is under the pointer."""
    profiles = [PROFILE_WORDS[profile] for profile in Profile]
    told = [EMOTIONS[place] if place >= 0 else "flagged as unusual" for place in bins.told]
    return go.Scatter(
        x=axes_ms((bins.start_s + bins.end_s) / 2),
        y=np.full(len(bins), 0.5, np.float32),
        xaxis="x",
        yaxis=WHOLE,
        mode="markers",
        customdata=[
            [label, f"{confidence:.0%}", profiles[profile]]
            for label, confidence, profile in zip(told, bins.confidence, bins.profile, strict=True)
        ],
        hovertemplate="<b>%{customdata[0]}</b> %{customdata[1]}<br>%{customdata[2]}<extra></extra>",
        meta={"role": "unseen", "paint": "moment"},
    )


def _marked(moments: Sequence[Change]) -> go.Scatter:
    return go.Scatter(
        x=axes_ms(np.array([moment.time_s for moment in moments], np.float64)),
        y=np.ones(len(moments), np.float32),
        xaxis="x",
        yaxis=WHOLE,
        mode="markers",
        marker={"symbol": "triangle-down", "size": 9},
        cliponaxis=False,
        customdata=[[f"{moment.before} → {moment.after}"] for moment in moments],
        hovertemplate="<b>moment of change</b><br>%{customdata[0]}<extra></extra>",
        meta={"role": "marker", "paint": "moment"},
    )


def timed_layout(height_px: int, duration_s: float) -> Figure:
    """Layout of a chart over the meeting, but for its rows."""
    return {
        "height": height_px,
        "margin": MARGINS,
        "showlegend": False,
        "hovermode": "x",
        "hoverdistance": 12,
        "xaxis": {**time_axis(duration_s), "anchor": "free", "position": 0, "showgrid": True},
    }


def _layout(one: ParticipantTimeline, duration_s: float) -> Figure:
    layout: Figure = {**timed_layout(height_px(), duration_s), "shapes": [], "annotations": []}
    for place, (name, domain) in enumerate(zip(ROWS, _domains(), strict=True), 1):
        named = {"tickvals": [0.45], "ticktext": [name], "zeroline": True}
        layout[f"yaxis{place}"] = {**fixed_axis(domain), **named}
    emotions = [_domains()[len(EMOTIONS) - 1][0], 1.0]
    for axis, domain in ((OVERLAY, emotions), (WHOLE, [0.0, 1.0])):
        layout[f"yaxis{axis[1:]}"] = {**fixed_axis(domain), "showticklabels": False}
    for start_s, end_s in _outside(one, duration_s):
        layout["shapes"].append(_shade(start_s, end_s))
        if end_s - start_s > duration_s / 6:
            layout["annotations"].append(_note((start_s + end_s) / 2, "not recorded"))
    if len(one.results) == 0 and one.duration_s > duration_s / 6:
        layout["annotations"].append(_note(one.offset_s + one.duration_s / 2, "no results"))
    return layout


def _outside(one: ParticipantTimeline, duration_s: float) -> Iterator[tuple[float, float]]:
    """Where the meeting goes on without this recording."""
    end_s = one.offset_s + one.duration_s
    if one.offset_s > 0:
        yield 0.0, one.offset_s
    if end_s < duration_s - 1e-3:
        yield end_s, duration_s


def _shade(start_s: float, end_s: float) -> Figure:
    return {
        "type": "rect",
        "layer": "below",
        "xref": "x",
        "yref": "paper",
        "x0": axis_ms(start_s),
        "x1": axis_ms(end_s),
        "y0": 0,
        "y1": 1,
        "line": {"width": 0},
    }


def _note(at_s: float, text: str) -> Figure:
    return {
        "x": axis_ms(at_s),
        "y": 0.5,
        "xref": "x",
        "yref": "paper",
        "text": text,
        "showarrow": False,
        "name": "soft",
    }


def fixed_axis(domain: list[float]) -> Figure:
    """Of a row, from 0 to 1, that stays as it is when times are zoomed."""
    return {
        "domain": domain,
        "range": [0, 1],
        "fixedrange": True,
        "anchor": "x",
        "showgrid": False,
        "ticks": "",
        "zeroline": False,
    }


def _inner_px() -> int:
    emotions = len(EMOTIONS) * (ROW_PX + GAP_PX) - GAP_PX
    return emotions + APART_PX + len(MARKS) * (MARK_PX + GAP_PX)


def _domains() -> list[list[float]]:
    """Bottom and top of each row, as shares of the height; the first row is the topmost."""
    domains, top = [], float(_inner_px())
    for place in range(len(ROWS)):
        height = ROW_PX if place < len(EMOTIONS) else MARK_PX
        domains.append([(top - height) / _inner_px(), top / _inner_px()])
        top -= height + (APART_PX if place == len(EMOTIONS) - 1 else GAP_PX)
    return domains
