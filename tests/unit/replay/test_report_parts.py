from pathlib import Path

import numpy as np
import pytest

from hoovik.schema.emotion import EMOTIONS, Profile
from replay.report.clock import clock, interval_s
from replay.report.drawn import MOST, bin_ticks, drawn
from replay.report.links import address, media_link
from replay.report.palette import THEMES
from tests.unit.replay.timelines import TICK_S, lively, participant, results


def test_a_long_meeting_has_few_bins() -> None:
    bins = drawn(lively("Ann", 3600, seed=1), 0.3, bin_ticks(3600, 0.3))
    assert len(bins) <= MOST
    np.testing.assert_allclose(bins.probs.sum(axis=1), 1, atol=1e-5)


def test_bins_have_the_means_of_what_is_not_flagged() -> None:
    own = results(
        ["sad", "happy", "happy", "angry", "angry", "angry"],
        profiles=[Profile.BOTH, Profile.BOTH, Profile.AUDIO_ONLY] + [Profile.VIDEO_ONLY] * 3,
        flagged=[0, 3, 4, 5],
    )
    bins = drawn(participant(own), TICK_S, 3)
    np.testing.assert_allclose(bins.probs[:, EMOTIONS.index("happy")], [0.75, 0.05], atol=1e-6)
    assert bins.told.tolist() == [EMOTIONS.index("happy"), -1]
    np.testing.assert_allclose(bins.flagged, [1 / 3, 1])
    np.testing.assert_allclose(bins.voice, [1, 0])
    np.testing.assert_allclose(bins.face, [2 / 3, 1])
    np.testing.assert_allclose(bins.confidence, [0.75, 0.75])


def test_lines_break_at_gaps_and_areas_fall_to_zero() -> None:
    own = results(["sad", "sad", "sad"], times=[0.0, 0.5, 3.0])
    bins = drawn(participant(own, duration_s=4.0), TICK_S, 1)
    x, y = bins.line(np.array([0.1, 0.2, 0.3]))
    np.testing.assert_allclose(x, [0, 0.5, 1, 1, 3, 3.5, 3.5])
    np.testing.assert_allclose(y, [0.1, 0.2, 0.2, np.nan, 0.3, 0.3, np.nan], atol=1e-6)
    x, y = bins.area(np.array([0.1, 0.2, 0.3]), np.array([True, False, True]))
    np.testing.assert_allclose(x, [0, 0.5, 3, 3.5])
    np.testing.assert_allclose(y, [0.1, 0, 0.3, 0], atol=1e-6)


@pytest.mark.parametrize(
    ("media", "link"),
    [
        ("https://example.org/a b.mp4?x=1#old", "https://example.org/a%20b.mp4?x=1#t=12.3"),
        ("/r/a#1.mp4", "file:///r/a%231.mp4#t=12.3"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("s3://bucket/a.mp4", None),
        ("http://[broken", None),
        ("", None),
        ("/r/a\nb.mp4", None),
    ],
)
def test_links_to_recordings(media: str, link: str | None) -> None:
    assert media_link(media, 12.34, None) == link


def test_links_are_relative_to_where_the_page_lies() -> None:
    assert address("/work/rec/a.mp4", Path("/work/out")) == "../rec/a.mp4"
    assert address("/work/out/a:b.mp4", Path("/work/out")) == "./a%3Ab.mp4"


def test_times_and_intervals() -> None:
    assert clock(0) == "0:00"
    assert clock(3723.6) == "1:02:04"
    assert clock(59.96, digits=1) == "1:00.0"
    assert [interval_s(one, 60) for one in (36, 61, 3600, 3601)] == [1, 2, 60, 120]


@pytest.mark.parametrize("name", ["light", "dark"])
def test_colours_stand_out_from_their_ground(name: str) -> None:
    theme = THEMES[name]

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [
            one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
        ]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear))

    def contrast(first: str, second: str) -> float:
        low, high = sorted((luminance(first), luminance(second)))
        return (high + 0.05) / (low + 0.05)

    assert min(contrast(theme["paints"][one], theme["ground"]) for one in EMOTIONS) >= 3
    assert min(contrast(theme["paints"][one], theme["on_fill"]) for one in EMOTIONS) >= 4
    assert contrast(theme["text"], theme["ground"]) >= 7
    assert contrast(theme["soft"], theme["ground"]) >= 4.5
