"""Picture: where the trees look."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.card.canvas import DARK, LIGHT, MIDDLE, panels, styled

FACE_BARS = {
    "means": ("face_mean",),
    "spreads": ("face_std",),
    "extremes": ("face_min", "face_max"),
    "changes": ("face_change",),
    "slopes": ("face_slope",),
    "15 chosen blendshapes": ("blendshape_mean", "blendshape_max"),
    "asymmetries": ("smile_asymmetry", "brow_asymmetry"),
    "pose": ("pose_mean", "pose_std"),
    "motion energy": ("motion_energy",),
}
VOICE_BARS = {
    "means": ("audio_mean",),
    "spreads": ("audio_std",),
    "extremes": ("audio_min", "audio_max"),
    "changes": ("audio_change",),
    "slopes": ("audio_slope",),
    "course of the norm": ("audio_norm_variation", "audio_norm_slope", "audio_norm_peak"),
}
PRESENCE_BARS = {
    "what is there": ("has_face", "has_audio"),
    "coverage": ("face_coverage", "audio_coverage"),
    "profile": ("profile",),
}
PANELS = ({"face": FACE_BARS}, {"voice": VOICE_BARS, "presence": PRESENCE_BARS})
"""Bars by kind, in two panels of equally many."""

LOOKS: dict[str, dict[str, Any]] = {
    "landmarks": {"color": DARK},
    "blendshapes": {"color": LIGHT, "hatch": "///"},
    "pose": {"color": "white", "hatch": "xxx"},
    "voice": {"color": MIDDLE},
    "presence": {"color": "black"},
}
"""How the parts of a bar are told apart, in the order in which they stand."""

Gains = Mapping[str, Mapping[str, float]]


@styled()
def importance_picture(gains: Gains) -> Figure:
    """Bars of the share in the trees' gain: statistics of the face, of the voice, and presence.

    Args:
        gains: share of each group of columns and part of the face, of
            `training.card.gains.group_gains`.
    """
    figure, axes = panels(len(PANELS), height_in=3.4, sharex=True)
    for axis, kinds in zip(axes[0], PANELS, strict=True):
        bars = {name: groups for own in kinds.values() for name, groups in own.items()}
        ends = _bars(axis, gains, bars)
        wholes = {kind: sum(ends[name] for name in own) for kind, own in kinds.items()}
        axis.set_title(", ".join(f"{kind} {whole:.1%}" for kind, whole in wholes.items()))
        axis.set_xlabel("share of the gain, per cent")
        axis.legend(loc="lower right")
    # Room for the figure at the end of the longest bar.
    axes[0][0].set_xlim(0, axes[0][0].get_xlim()[1] * 1.12)
    return figure


def _bars(axis: Axes, gains: Gains, bars: Mapping[str, tuple[str, ...]]) -> dict[str, float]:
    """Draw bars made of their parts; returns how long each is."""
    ends = np.zeros(len(bars))
    for part, look in LOOKS.items():
        widths = np.array(
            [sum(gains[group].get(part, 0.0) for group in groups) for groups in bars.values()]
        )
        if widths.any():
            axis.barh(
                list(bars),
                100 * widths,
                left=100 * ends,
                edgecolor="black",
                linewidth=0.6,
                label=part,
                **look,
            )
        ends += widths
    for place, end in enumerate(ends):
        axis.annotate(
            f"{end:.1%}",
            (100 * end, place),
            (3, 0),
            textcoords="offset points",
            va="center",
            fontsize=7.5,
        )
    axis.set_ylim(len(bars) - 0.4, -0.6)
    axis.tick_params(axis="y", length=0)
    return dict(zip(bars, ends.tolist(), strict=True))
