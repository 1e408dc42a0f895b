"""Pictures of the card: confusion, reliability, anomaly scores, learning curves, importance.

Nothing rests on colour alone: profiles differ by marker and line too, and the colours are taken
from cividis, which grows lighter in the same order for every eye. The ground is an opaque white, so
that dark pages show the pictures as they are. Their bytes are the same each time.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from matplotlib import colormaps, style
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hoovik.schema.emotion import EMOTIONS, Profile
from training.card.markdown import HEADINGS, Figures, judged

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
        mesh = _matrix(axis, counts)
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


def _matrix(axis: Axes, counts: NDArray[np.int64]) -> QuadMesh:
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


Curves = Sequence[Mapping[str, Any]]
"""One mapping for each epoch: epoch, phase, loss, nll and uar by profile."""

PHASE_SHADES = ("#e4e4e4", "#f3f3f3")
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
        axis.axvspan(start, end, color=PHASE_SHADES[place % 2], zorder=0, linewidth=0)
    axis.set_xlim(phases[0][0]["epoch"] - 0.5, phases[-1][-1]["epoch"] + 0.5)


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
