from replay.comparison import Comparison, compare
from tests.unit.replay.runs import compared, run, timeline
from tests.unit.replay.timelines import participant, results


def found(comparison: Comparison) -> list[tuple[float, float, str, str, int]]:
    return [(one.from_s, one.to_s, one.label_a, one.label_b, one.n) for one in comparison.stretches]


def test_equal_labels_of_two_ticks_are_bridged_and_of_three_are_not() -> None:
    told = ["happy", "happy", "sad", "sad", "happy", "sad", "sad", "sad", "happy", "sad"]
    assert found(compared(results(["sad"] * 10), results(told))) == [
        (0.0, 2.5, "sad", "happy", 3),
        (4.0, 4.5, "sad", "happy", 1),
    ]


def test_missing_results_of_two_ticks_are_bridged_and_of_three_are_not() -> None:
    times = [0.0, 0.5, 1.0, 2.5, 3.0, 5.0, 5.5]
    a, b = results(["sad"] * 7, times=times), results(["happy"] * 7, times=times)
    assert found(compared(a, b)) == [
        (0.0, 3.5, "sad", "happy", 5),
        (5.0, 6.0, "sad", "happy", 2),
    ]


def test_another_pair_of_labels_is_another_stretch() -> None:
    a = results(["sad", "sad", "sad", "happy", "happy"])
    b = results(["happy", "angry", "angry", "angry", "sad"])
    assert found(compared(a, b)) == [
        (0.5, 1.5, "sad", "angry", 2),
        (0.0, 0.5, "sad", "happy", 1),
        (1.5, 2.0, "happy", "angry", 1),
        (2.0, 2.5, "happy", "sad", 1),
    ]


def test_flagged_results_of_either_run_are_counted() -> None:
    a = results(["sad"] * 4, flagged=[0, 1])
    b = results(["happy"] * 3 + ["sad"], flagged=[1, 3])
    (one,) = compared(a, b).stretches
    assert (one.n, one.flagged) == (3, 2)


def test_the_longest_of_all_participants_comes_first() -> None:
    sad = results(["sad"] * 4)
    one, three = results(["happy", "sad", "sad", "sad"]), results(["sad"] + ["angry"] * 3)
    comparison = compare(
        run(timeline(participant(sad)), timeline(participant(sad, name="Bert"), meeting="retro")),
        run(timeline(participant(one)), timeline(participant(three, name="Bert"), meeting="retro")),
    )
    assert [(one.meeting, one.participant, one.n) for one in comparison.stretches] == [
        ("retro", "Bert", 3),
        ("weekly", "Ann", 1),
    ]
    assert [len(one.stretches) for one in comparison.participants] == [1, 1]


def test_the_tick_is_the_usual_distance_of_what_matches() -> None:
    every, other = [0.0, 0.5, 1.0, 1.5, 2.0], [0.0, 1.0, 2.0]
    comparison = compared(results(["sad"] * 5, times=every), results(["happy"] * 3, times=other))
    assert comparison.tick_s == 1.0
    assert found(comparison) == [(0.0, 3.0, "sad", "happy", 3)]


def test_a_single_result_holds_for_the_tick_of_the_settings() -> None:
    assert found(compared(results(["sad"]), results(["happy"]))) == [(0.0, 0.3, "sad", "happy", 1)]


def test_equal_runs_differ_nowhere() -> None:
    same = results(["sad", "happy"])
    assert compared(same, same).stretches == []
