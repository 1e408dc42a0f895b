import re

import pytest

from hoovik.schema.emotion import Profile
from replay.captions import timestamp, webvtt
from tests.unit.replay.timelines import TICK_S, lively, participant, results

TIME = r"(\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3})"
TIMING = re.compile(f"{TIME} --> {TIME}")


def cues(text: str) -> list[tuple[int, int, str]]:
    """(start, end, text) in ms of each cue; fails where the file is not valid."""
    assert text.startswith("WEBVTT\n\n")
    assert text.endswith("\n")
    found: list[tuple[int, int, str]] = []
    for block in text.removeprefix("WEBVTT\n\n").rstrip("\n").split("\n\n"):
        first, *rest = block.split("\n")
        if first == "NOTE":
            assert "-->" not in "".join(rest)
            continue
        match = TIMING.fullmatch(first)
        assert match, first
        h, m, s, ms, h2, m2, s2, ms2 = map(int, match.groups())
        start, end = ((h * 60 + m) * 60 + s) * 1000 + ms, ((h2 * 60 + m2) * 60 + s2) * 1000 + ms2
        assert start < end
        assert not found or found[-1][1] <= start
        (line,) = rest
        assert "-->" not in line
        assert not re.search(r"<|&(?!amp;|lt;|gt;)", line)
        found.append((start, end, line))
    return found


def test_equal_neighbours_are_one_cue_on_the_recordings_own_clock() -> None:
    own = results(
        ["sad", "sad", "happy", "happy"],
        times=[61.0, 61.5, 62.0, 62.5],
        profiles=[Profile.BOTH] * 3 + [Profile.AUDIO_ONLY],
    )
    one = participant(own, offset_s=60.0, duration_s=3.0)
    assert cues(webvtt(one, TICK_S)) == [
        (1000, 2000, "sad · 75% · voice and face"),
        (2000, 2500, "happy · 75% · voice and face"),
        (2500, 3000, "happy · 75% · voice alone"),
    ]


def test_a_cue_says_where_the_label_is_unsure() -> None:
    own = results(["sad", "sad", "sad"], uncertain=[1])
    assert [cue[2] for cue in cues(webvtt(participant(own), TICK_S))] == [
        "sad · 75% · voice and face",
        "sad · unsure · 75% · voice and face",
        "sad · 75% · voice and face",
    ]


def test_flags_and_gaps_have_no_cue() -> None:
    own = results(["sad"] * 5, times=[0.0, 0.5, 1.0, 4.0, 4.5], flagged=[1])
    assert [cue[:2] for cue in cues(webvtt(participant(own), TICK_S))] == [
        (0, 500),
        (1000, 1500),
        (4000, 5000),
    ]


def test_untrained_models_say_so_in_each_cue() -> None:
    (cue,) = cues(webvtt(participant(results(["sad"])), TICK_S, untrained=True))
    assert cue[2] == "untrained · sad · 75% · voice and face"


def test_a_name_cannot_end_the_note() -> None:
    name = "<b>Ann</b>\n\n00:00:00.000 --> 00:00:09.000\nforged & done"
    text = webvtt(participant(results(["sad"]), name=name), TICK_S)
    assert len(cues(text)) == 1
    assert "&lt;b&gt;Ann&lt;/b&gt; 00:00:00.000 --&gt;" in text


@pytest.mark.parametrize("name", ["", " \n "])
def test_without_a_name_the_note_still_has_a_line(name: str) -> None:
    assert len(cues(webvtt(participant(results(["sad"]), name=name), TICK_S))) == 1


def test_timestamps_have_hours() -> None:
    assert timestamp(0) == "00:00:00.000"
    assert timestamp(3_723_004) == "01:02:03.004"
    assert timestamp(100 * 3_600_000) == "100:00:00.000"


def test_a_long_meeting_is_valid_and_covers_what_counts() -> None:
    one = lively("Ann", 1800, seed=2, offset_s=12.3)
    found = cues(webvtt(one, 0.3))
    shown_s = sum(end - start for start, end, _ in found) / 1000
    assert shown_s == pytest.approx(0.3 * int((~one.results.anomaly).sum()), rel=0.01)


def test_without_results_there_are_no_cues() -> None:
    assert cues(webvtt(participant(results([])), TICK_S)) == []
