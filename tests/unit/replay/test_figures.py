import numpy as np
import pytest

from hoovik.schema.emotion import EMOTIONS, NEUTRAL, Profile
from replay.changes import APART_S, FLOOR, MOST, changes, jensen_shannon
from replay.figures import coverage, emotion_figures
from replay.stretches import (
    Stretch,
    emotion_stretches,
    empty_stretches,
    flagged_stretches,
    profile_stretches,
)
from tests.unit.replay.timelines import TICK_S, lively, participant, results


def spans(stretches: list[Stretch]) -> list[tuple[float, float, str, int]]:
    return [(one.start_s, one.end_s, one.what, one.n) for one in stretches]


def test_shares_and_means_leave_out_what_is_flagged() -> None:
    figures = emotion_figures(results(["sad", "happy", "happy", "angry", "happy"], flagged=[3]))
    assert figures.n == 4
    np.testing.assert_allclose(figures.shares, [0, 0, 0, 0.75, 0.25, 0])
    # happy: (0.05 + 3 * 0.75) / 4; sad: (0.75 + 3 * 0.05) / 4.
    np.testing.assert_allclose(
        figures.mean_probs, [0.05, 0.05, 0.05, 0.575, 0.225, 0.05], atol=1e-6
    )
    assert EMOTIONS[figures.top() or 0] == "happy"


@pytest.mark.parametrize("own", [results([]), results(["sad"], flagged=[0])])
def test_without_results_that_count_there_are_no_figures(own) -> None:
    figures = emotion_figures(own)
    assert figures.n == 0
    assert figures.top() is None
    assert np.isnan(figures.shares).all()
    assert np.isnan(figures.mean_probs).all()


def test_coverage_is_of_the_ticks_that_fit_into_the_recording() -> None:
    own = results(
        ["sad"] * 4,
        profiles=[Profile.BOTH, Profile.AUDIO_ONLY, Profile.AUDIO_ONLY, Profile.VIDEO_ONLY],
        flagged=[1],
    )
    covered = coverage(participant(own, duration_s=4.0), TICK_S)
    assert covered.ticks == 8
    assert covered.results == 4
    assert (covered.audio, covered.face) == (3, 2)
    assert covered.of_ticks(covered.audio) == 0.375
    assert covered.flagged_share == 0.25


def test_an_unread_recording_has_no_shares() -> None:
    covered = coverage(participant(results([]), fault="no such file"), TICK_S)
    assert covered.of_ticks(0) is None
    assert covered.flagged_share is None


def test_stretches_end_with_another_label_a_flag_or_a_gap() -> None:
    own = results(
        ["sad", "sad", "happy", "happy", "happy", "happy"],
        times=[1.0, 1.5, 2.0, 2.5, 5.0, 5.5],
        flagged=[3],
    )
    one = participant(own, duration_s=7.0)
    assert spans(emotion_stretches(one, TICK_S)) == [
        (1.0, 2.0, "sad", 2),
        (2.0, 2.5, "happy", 1),
        (5.0, 6.0, "happy", 2),
    ]
    assert spans(flagged_stretches(one, TICK_S)) == [(2.5, 3.0, "flagged", 1)]
    assert spans(profile_stretches(one, TICK_S)) == [
        (1.0, 3.0, "both", 4),
        (5.0, 6.0, "both", 2),
    ]
    assert [one[:2] for one in spans(empty_stretches(one, TICK_S))] == [
        (0.0, 1.0),
        (3.0, 5.0),
        (6.0, 7.0),
    ]


def test_nothing_holds_past_the_end_of_the_recording() -> None:
    one = participant(results(["sad", "sad"], times=[10.0, 10.5]), offset_s=9.0, duration_s=1.7)
    assert emotion_stretches(one, TICK_S)[0].end_s == pytest.approx(10.7)


def test_a_recording_without_results_is_one_empty_stretch() -> None:
    one = participant(results([]), offset_s=3.0, duration_s=5.0)
    assert emotion_stretches(one, TICK_S) == []
    assert [one[:2] for one in spans(empty_stretches(one, TICK_S))] == [(3.0, 8.0)]
    assert empty_stretches(participant(results([])), TICK_S) == []


def test_distance_of_distributions() -> None:
    same, other = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    even = np.array([[0.5, 0.5]])
    assert jensen_shannon(same, same)[0] == 0
    assert jensen_shannon(same, other)[0] == 1
    # Half of 1 * log2(1 / 0.75) and half of 0.5 * log2(0.5 / 0.75) + 0.5 * log2(0.5 / 0.25).
    assert jensen_shannon(same, even)[0] == pytest.approx(
        np.sqrt((0.41504 + 0.20752) / 2), abs=1e-4
    )


def test_a_change_is_found_where_it_happens() -> None:
    (change,) = changes(participant(results(["sad"] * 12 + ["happy"] * 12)), TICK_S)
    assert change.time_s == 6.0
    assert (change.before, change.after) == ("sad", "happy")
    assert change.before_prob == pytest.approx(0.75)
    assert change.after_prob == pytest.approx(0.75)
    assert not change.profile_changed
    # 2 of 6 classes differ: 0.75 and 0.05 against their mean of 0.4, both ways.
    bits = 0.75 * np.log2(0.75 / 0.4) + 0.05 * np.log2(0.05 / 0.4)
    assert change.size == pytest.approx(np.sqrt(bits), abs=1e-6)


def test_flags_and_gaps_make_no_change() -> None:
    steady = ["sad"] * 12
    flagged = participant(results(steady + ["angry"] * 4 + steady, flagged=range(12, 16)))
    assert changes(flagged, TICK_S) == []
    times = [*np.arange(12) * TICK_S, *(30 + np.arange(12) * TICK_S)]
    assert changes(participant(results(steady + ["angry"] * 12, times=times)), TICK_S) == []


def test_a_change_of_modalities_is_said() -> None:
    own = results(
        ["sad"] * 12 + [NEUTRAL] * 12,
        profiles=[Profile.BOTH] * 12 + [Profile.AUDIO_ONLY] * 12,
    )
    (change,) = changes(participant(own), TICK_S)
    assert change.profile_changed


def test_changes_are_few_large_and_apart() -> None:
    found = changes(lively("Ann", 900, seed=3), 0.3)
    times = np.array([one.time_s for one in found])
    assert len(found) == MOST
    assert (np.diff(times) >= APART_S).all()
    assert all(FLOOR <= one.size <= 1 for one in found)


@pytest.mark.parametrize("n", [0, 1, 3])
def test_too_few_results_have_no_changes(n: int) -> None:
    assert changes(participant(results(["sad"] * n)), TICK_S) == []
