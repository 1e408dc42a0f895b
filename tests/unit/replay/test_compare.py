import json

import numpy as np
import pytest

from hoovik.errors import MediaError
from hoovik.schema.emotion import EMOTIONS, Profile
from replay.comparison import compare
from replay.comparison.agreement import wilson
from replay.comparison.figures import comparison_figures
from tests.unit.replay.runs import compared, run, timeline
from tests.unit.replay.timelines import participant, results

ANGRY, HAPPY, SAD = (EMOTIONS.index(one) for one in ("angry", "happy", "sad"))


def test_labels_that_differ_once_in_four() -> None:
    figures = compared(
        results(["sad", "sad", "happy", "happy"]), results(["sad", "happy", "happy", "happy"])
    ).overall
    assert (figures.n, figures.only_a, figures.only_b, figures.equal) == (4, 0, 0, 3)
    assert figures.equal_share == 0.75
    # By chance: 1/2 * 1/4 sad and 1/2 * 3/4 happy make 1/2; (3/4 - 1/2) / (1 - 1/2).
    assert figures.kappa == pytest.approx(0.5)
    wanted = np.zeros((6, 6), np.int64)
    wanted[SAD, SAD], wanted[SAD, HAPPY], wanted[HAPPY, HAPPY] = 1, 1, 2
    np.testing.assert_array_equal(figures.table, wanted)
    # 0.75 against 0.05 in one of four results; the percentile lies 0.94 of the way from 0 to 0.7.
    assert figures.difference_mean == pytest.approx(0.175)
    assert figures.difference_p98 == pytest.approx(0.658)


def test_the_difference_is_the_largest_of_six_in_either_direction() -> None:
    a, b = results(["sad", "sad"]), results(["sad", "sad"])
    b.probs[1] = [0.05, 0.05, 0.05, 0.35, 0.45, 0.05]
    assert compared(a, b).overall.difference_mean == pytest.approx(0.15)
    assert compared(b, a).overall.difference_mean == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("successes", "n", "bounds"),
    [
        (8, 10, (0.4902, 0.9433)),  # (0.8 + 0.1921 ± 0.3134) / 1.3841
        (0, 5, (0.0, 0.4345)),  # 0.7683 / 1.7683
        (5, 5, (0.5655, 1.0)),
    ],
)
def test_intervals(successes: int, n: int, bounds: tuple[float, float]) -> None:
    assert wilson(successes, n) == pytest.approx(bounds, abs=5e-5)


def test_kappa_without_two_labels_does_not_exist() -> None:
    same = results(["sad"] * 3)
    assert compared(same, same).overall.kappa is None
    assert compared(same, results(["happy"] * 3)).overall.kappa == 0.0


def test_flags_and_modalities() -> None:
    a = results(["sad"] * 4, flagged=[0, 1], profiles=[Profile.BOTH] * 4)
    b = results(
        ["sad", "sad", "happy", "sad"],
        flagged=[1],
        profiles=[Profile.BOTH, Profile.AUDIO_ONLY, Profile.VIDEO_ONLY, Profile.BOTH],
    )
    figures = compared(a, b).overall
    assert (figures.flagged_a, figures.flagged_b, figures.flagged_both) == (2, 1, 1)
    assert (figures.same_flag, figures.same_profile) == (3, 2)
    assert (figures.usual, figures.usual_equal, figures.usual_equal_share) == (2, 1, 0.5)
    assert figures.equal_share == 0.75


def test_results_match_by_time_to_the_millisecond() -> None:
    a = results(["sad"] * 4, times=[0.0, 0.5, 1.0, 1.5])
    b = results(["happy", "sad", "happy", "happy", "sad"], times=[0.0, 0.5004, 1.002, 1.2, 1.5])
    figures = compared(a, b).overall
    assert (figures.n, figures.equal, figures.only_a, figures.only_b) == (3, 2, 1, 2)


def test_results_match_by_meeting_and_participant() -> None:
    sad, happy = results(["sad"] * 2), results(["happy"] * 2)
    a = run(
        timeline(participant(sad, name="Ann"), participant(happy, name="Bert")),
        timeline(participant(happy, name="Ann"), meeting="retro"),
    )
    b = run(
        timeline(participant(happy, name="Bert"), participant(happy, name="Cleo")),
        timeline(participant(sad, name="Ann"), meeting="retro"),
    )
    comparison = compare(a, b)
    found = {
        (one.meeting, one.participant): (
            one.agreement.n,
            one.agreement.only_a,
            one.agreement.only_b,
            one.agreement.equal_share,
        )
        for one in comparison.participants
    }
    assert found == {
        ("weekly", "Ann"): (0, 2, 0, None),
        ("weekly", "Bert"): (2, 0, 0, 1.0),
        ("retro", "Ann"): (2, 0, 0, 0.0),
        ("weekly", "Cleo"): (0, 0, 2, None),
    }
    assert list(found) == [
        ("weekly", "Ann"),
        ("weekly", "Bert"),
        ("retro", "Ann"),
        ("weekly", "Cleo"),
    ]
    overall = comparison.overall
    assert (overall.n, overall.equal, overall.only_a, overall.only_b) == (4, 2, 2, 2)


def test_the_order_of_rows_does_not_count() -> None:
    own = results(["sad", "happy", "happy", "sad"], times=[1.5, 0.5, 1.0, 0.0])
    figures = compared(own, results(["sad", "happy", "happy", "sad"])).overall
    assert (figures.n, figures.equal) == (4, 4)


def test_runs_without_a_result_in_common_are_refused() -> None:
    a = run(timeline(participant(results(["sad"]))))
    b = run(timeline(participant(results(["sad"])), meeting="retro"), name="new")
    with pytest.raises(MediaError, match=r"old has Ann in weekly; new has Ann in retro"):
        compare(a, b)
    nobody = run(timeline(participant(results([]))), name="new")
    with pytest.raises(MediaError, match=r"new has nobody"):
        compare(a, nobody)


def test_figures_that_a_program_can_read() -> None:
    ann, bert = participant(results(["sad"] * 2)), participant(results(["sad"]), name="Bert")
    b = participant(results(["sad", "happy"]))
    comparison = compare(
        run(timeline(ann, bert)), run(timeline(b, bundle="1.1.0+b", untrained=True), name="new")
    )
    said = comparison_figures(comparison)
    assert json.loads(json.dumps(said, allow_nan=False)) == said
    assert said["a"] == {
        "folder": "old",
        "bundles": ["1.0.0+a"],
        "untrained": False,
        "meetings": 1,
        "participants": 2,
        "results": 3,
    }
    assert (said["b"]["bundles"], said["b"]["untrained"]) == (["1.1.0+b"], True)
    assert said["tick_s"] == 0.5
    assert said["overall"]["matched"] == 2
    assert said["overall"]["equal_share"] == 0.5
    assert said["overall"]["equal_interval"] == [0.0945, 0.9055]
    assert said["overall"]["labels"]["sad"]["happy"] == 1
    assert said["overall"]["labels"]["happy"]["sad"] == 0
    assert said["stretches"] == [
        {
            "meeting": "weekly",
            "participant": "Ann",
            "from_s": 0.5,
            "to_s": 1.0,
            "label_a": "sad",
            "label_b": "happy",
            "n": 1,
            "flagged": 0,
        }
    ]
    alone = said["participants"][1]
    assert (alone["participant"], alone["matched"], alone["only_a"]) == ("Bert", 0, 1)
    missing = {name for name, value in alone.items() if value is None}
    assert missing == {
        "equal_share",
        "equal_interval",
        "kappa",
        "difference_mean",
        "difference_p98",
        "same_profile_share",
        "same_flag_share",
    }
