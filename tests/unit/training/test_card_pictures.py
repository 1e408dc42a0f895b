"""The pictures of the card show the figures, the same each time, as text and not as shapes."""

import re
from collections.abc import Callable

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from hoovik.settings import MODEL_ARTIFACTS
from tests.unit.training.evaluated import evaluated, learned
from training.card.gains import bundle_gains
from training.card.pictures import (
    FACE_BARS,
    PRESENCE_BARS,
    VOICE_BARS,
    anomaly_picture,
    confusion_picture,
    curves_picture,
    importance_picture,
    reliability_picture,
    row_shares,
    to_svg,
)

BUNDLE = MODEL_ARTIFACTS / "embedded"
DRAWN: dict[str, Callable[[], Figure]] = {
    "confusion": lambda: confusion_picture(evaluated()),
    "reliability": lambda: reliability_picture(evaluated()),
    "anomalies": lambda: anomaly_picture(evaluated()),
    "curves": lambda: curves_picture(learned()),
    "importance": lambda: importance_picture(
        bundle_gains(BUNDLE / "trees.ubj", BUNDLE / "projections.safetensors")
    ),
}


def words(svg: bytes) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg.decode())


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_small_and_the_same_each_time(name: str) -> None:
    svg = to_svg(DRAWN[name]())
    assert len(svg) < 150_000
    with matplotlib.rc_context({"font.size": 20, "svg.fonttype": "path", "lines.linewidth": 9}):
        assert to_svg(DRAWN[name]()) == svg
    assert b"dc:date" not in svg


@pytest.mark.parametrize("name", DRAWN)
def test_its_ground_is_white_and_its_text_is_text(name: str) -> None:
    svg = to_svg(DRAWN[name]())
    ground = re.search(rb'<g id="patch_1">\s*<path[^>]*style="fill: #ffffff"', svg)
    assert ground is not None
    assert len(words(svg)) > 15
    assert b"<image" not in svg


def test_the_cells_of_a_confusion_matrix_are_its_counts() -> None:
    figures = evaluated()
    shown = words(to_svg(confusion_picture(figures)))
    for own in figures["profiles"].values():
        counts = [str(count) for count in np.array(own["confusion"]).ravel()]
        places = range(len(shown) - len(counts) + 1)
        assert any(shown[place : place + len(counts)] == counts for place in places)


def test_a_class_that_does_not_occur_has_no_shares() -> None:
    shares = row_shares(np.array([[3, 1], [0, 0]]))
    assert shares[0].tolist() == [0.75, 0.25]
    assert np.isnan(shares[1]).all()


def test_reliability_is_drawn_before_and_after_where_there_are_samples() -> None:
    figures = evaluated()
    axis = reliability_picture(figures).axes[0]
    both = figures["profiles"]["both"]
    drawn = {line.get_label().split(",")[0]: line.get_xydata().tolist() for line in axis.lines}
    for label, bins in (
        ("before", both["uncalibrated"]["reliability"]),
        ("after", both["reliability"]),
    ):
        assert drawn[label] == [[one["confidence"], one["accuracy"]] for one in bins if one["n"]]


def test_corrupted_scores_are_drawn_where_there_are_any() -> None:
    figures = evaluated()
    for corruption in figures["corruptions"].values():
        corruption["anomaly_scores"]["counts"] = [0] * 50
    assert any("corrupted" in word for word in words(to_svg(anomaly_picture(evaluated()))))
    assert not any("corrupted" in word for word in words(to_svg(anomaly_picture(figures))))


def test_the_anomaly_threshold_stands_where_it_is() -> None:
    axis = anomaly_picture(evaluated()).axes[0]
    assert [line.get_xdata() for line in axis.lines] == [[0.1, 0.1]]
    low, high = axis.get_xlim()
    assert low < 0.1 < high


def test_a_phase_that_ended_early_leaves_a_gap() -> None:
    loss = curves_picture(learned()).axes[0]
    assert [line.get_xdata()[[0, -1]].tolist() for line in loss.lines] == [
        [1, 15],
        [16, 41],
        [56, 70],
    ]


def test_a_profile_is_told_by_marker_and_line_as_well() -> None:
    nll = curves_picture(learned()).axes[1]
    looks = {line.get_label(): (line.get_marker(), line.get_linestyle()) for line in nll.lines}
    assert len(looks) == 3
    assert len({marker for marker, _ in looks.values()}) == 3
    assert len({line for _, line in looks.values()}) == 3


def test_what_was_not_measured_is_not_drawn() -> None:
    nothing = {"profiles": {"both": {"n": 3}}}
    assert confusion_picture(nothing) is None
    assert reliability_picture(nothing) is None
    assert anomaly_picture(nothing) is None
    assert curves_picture([]) is None


def test_the_bars_hold_every_group_of_columns_once() -> None:
    gains = bundle_gains(BUNDLE / "trees.ubj", BUNDLE / "projections.safetensors")
    bars = [*FACE_BARS.values(), *VOICE_BARS.values(), *PRESENCE_BARS.values()]
    assert sorted(group for groups in bars for group in groups) == sorted(gains)
