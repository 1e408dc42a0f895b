"""Charts: a bar for each participant, parted by emotion or by what the results rest on."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from hoovik.schema.emotion import EMOTIONS, Profile
from replay.figures import Coverage, EmotionFigures
from replay.report.palette import PATTERNS
from replay.report.panel import Figure, plain
from replay.wording import PROFILE_WORDS

BAR_PX, ROW_PX = 26, 56
MARGINS = {"l": 14, "r": 20, "t": 40, "b": 30}

NAMED, WRITTEN = 0.13, 0.045
"""Shares from which on a part bears its name, or its figure alone."""

LONGEST = 48
"""Letters of a name that are drawn; tables have all of it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of all bars.

    Attributes:
        name: as the legend has it.
        paint: key in the themes.
        pattern: of Plotly's.
        shares: of each participant, 0..1.
    """

    name: str
    paint: str
    pattern: str
    shares: Sequence[float]


def share_bars(names: Sequence[str], figures: Sequence[EmotionFigures]) -> Figure:
    """Share of the results by the emotion told; a participant without results has no bar."""
    parts = [
        Part(
            emotion,
            emotion,
            PATTERNS[emotion],
            [float(one.shares[place]) if one.n else 0.0 for one in figures],
        )
        for place, emotion in enumerate(EMOTIONS)
    ]
    return _bars(names, parts, [one.n > 0 for one in figures])


def coverage_bars(names: Sequence[str], covered: Sequence[Coverage]) -> Figure:
    """Share of the recording's ticks by what their result rests on."""

    def shares(counts: Sequence[int]) -> list[float]:
        return [one.of_ticks(n) or 0.0 for one, n in zip(covered, counts, strict=True)]

    patterns = {Profile.BOTH: "", Profile.AUDIO_ONLY: "/", Profile.VIDEO_ONLY: "\\"}
    parts = [
        Part(
            PROFILE_WORDS[profile],
            profile.value,
            patterns[profile],
            shares([one.profiles[profile] for one in covered]),
        )
        for profile in Profile
    ]
    missing = shares([one.ticks - one.results for one in covered])
    parts.append(Part("no result", "nothing", ".", missing))
    return _bars(names, parts, [one.ticks > 0 for one in covered])


def _bars(names: Sequence[str], parts: Sequence[Part], some: Sequence[bool]) -> Figure:
    places = list(range(len(names)))
    figure = go.Figure(layout=_layout(names, some))
    for part in parts:
        figure.add_trace(
            go.Bar(
                name=part.name,
                orientation="h",
                x=list(part.shares),
                y=places,
                text=[_written(part.name, share) for share in part.shares],
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                marker={"pattern": {"shape": part.pattern, "size": 7, "solidity": 0.2}},
                hovertemplate=f"<b>{part.name}</b> %{{x:.1%}}<extra></extra>",
                meta={"role": "bar", "paint": part.paint},
            )
        )
    return plain(figure)


def _layout(names: Sequence[str], some: Sequence[bool]) -> Figure:
    return {
        "barmode": "stack",
        "height": ROW_PX * len(names) + MARGINS["t"] + MARGINS["b"],
        "margin": MARGINS,
        "bargap": 1 - BAR_PX / ROW_PX,
        "hovermode": "closest",
        "uniformtext": {"mode": "hide", "minsize": 10},
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1,
            "yanchor": "bottom",
            "maxheight": 200,
            "traceorder": "normal",
            "itemclick": False,
            "itemdoubleclick": False,
        },
        "xaxis": {
            "range": [0, 1],
            "tickformat": ".0%",
            "fixedrange": True,
            "showgrid": True,
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "ticklabeloverflow": "allow",
            "zeroline": False,
        },
        "yaxis": {
            "range": [len(names) - 0.5, -0.6],
            "fixedrange": True,
            "showticklabels": False,
            "showgrid": False,
            "zeroline": False,
            "ticks": "",
        },
        "annotations": [
            {
                "x": 0,
                "xref": "paper",
                "xanchor": "left",
                "y": place,
                "yshift": BAR_PX / 2 + 10,
                "text": _drawn(name) + ("" if there else " – no results"),
                "showarrow": False,
                "name": "text",
            }
            for place, (name, there) in enumerate(zip(names, some, strict=True))
        ],
    }


def _written(name: str, share: float) -> str:
    if share >= NAMED:
        return f"{name} {share:.0%}"
    return f"{share:.0%}" if share >= WRITTEN else ""


def _drawn(name: str) -> str:
    """A name that Plotly takes for no markup of its own."""
    short = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    return html.escape(short, quote=False)
