from bench.burst import eased_after_s, phase, slowed_after_s

REPORT = {
    "series": {
        "t_s": [0.5, 1.5, 2.5, 2.6, 3.5],
        "latency_ms": [10.0, 20.0, 30.0, None, 50.0],
        "frames_by_second": [5, 5, 30, 20],
    }
}


def test_a_phase_holds_what_came_in_it() -> None:
    told = phase(REPORT, 2.0, 4.0)
    assert told["results_per_s"] == 1.5
    assert told["latency_ms"]["n"] == 2
    assert told["latency_ms"]["p50"] == 40.0
    assert told["frames_per_s"] == 25.0


def test_only_a_fall_within_the_burst_slows_down() -> None:
    suggested = [(-3.0, 0, 2.0), (8.0, 0, 3.0), (11.0, 0, 4.0), (12.5, 0, 2.0), (14.0, 1, 2.5)]
    assert slowed_after_s(suggested, 10.0, 30.0) == 2.5
    assert slowed_after_s(suggested, 20.0, 30.0) is None


def test_who_was_never_told_anything_is_slowed_by_the_first_suggestion() -> None:
    assert slowed_after_s([(11.0, 0, 2.5)], 10.0, 30.0) == 1.0


def test_all_have_to_be_asked_for_as_much_as_before() -> None:
    suggested = [
        (11.0, 0, 2.5), (13.0, 1, 1.0), (31.0, 0, 5.0), (31.0, 1, 3.0), (34.0, 1, 5.0),
    ]  # fmt: skip
    assert eased_after_s(suggested, 10.0, 30.0) == 4.0
    assert eased_after_s(suggested[:-1], 10.0, 30.0) is None
    assert eased_after_s([], 10.0, 30.0) == 0.0
