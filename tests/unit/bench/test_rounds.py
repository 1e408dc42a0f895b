import os
import time

import cv2
import numpy as np
import pytest
import torch

from bench.rounds import (
    ROUNDS,
    Timed,
    available_cores,
    can_pin,
    on_cores,
    one_compute_thread,
    one_core,
    time_in_turns,
)


def test_subjects_take_turns_after_a_round_to_warm_up() -> None:
    called: list[str] = []

    def logging(name: str) -> Timed:
        return Timed(lambda _: called.append(name))

    subjects = {name: logging(name) for name in ("first", "second")}
    times_ms = time_in_turns(subjects, 2 * ROUNDS)
    # Two timed calls in each turn, and one before them that is not.
    assert called == (["first"] * 3 + ["second"] * 3) * (1 + ROUNDS)
    assert {name: values.shape for name, values in times_ms.items()} == {
        "first": (2 * ROUNDS,),
        "second": (2 * ROUNDS,),
    }


def test_times_are_milliseconds_of_one_call_each() -> None:
    times_ms = time_in_turns({"nap": Timed(lambda _: time.sleep(0.01))}, 3)["nap"]
    assert times_ms.shape == (3,)
    assert times_ms.min() >= 10
    assert np.median(times_ms) < 100


def test_the_first_calls_do_not_count() -> None:
    started: list[int] = []

    def slow_at_first(_: int) -> None:
        started.append(1)
        time.sleep(0.2 if len(started) <= 2 else 0)

    assert time_in_turns({"one": Timed(slow_at_first)}, 3)["one"].max() < 100


def test_a_share_is_of_the_repetitions_of_the_others() -> None:
    subjects = {"all": Timed(lambda _: None), "some": Timed(lambda _: None, share=0.25)}
    times_ms = time_in_turns(subjects, 200)
    assert {name: values.size for name, values in times_ms.items()} == {"all": 200, "some": 50}


def test_less_than_one_repetition_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 repetition is needed, got 0"):
        time_in_turns({"one": Timed(lambda _: None)}, 0)


@pytest.mark.skipif(not can_pin(), reason="this system keeps no thread on a core")
def test_each_subject_runs_on_the_cores_that_it_says() -> None:
    before = available_cores()
    seen: dict[str, set[frozenset[int]]] = {"one": set(), "all": set()}

    def look(name: str) -> None:
        seen[name].add(frozenset(os.sched_getaffinity(0)))

    subjects = {
        "one": Timed(lambda _: look("one")),
        "all": Timed(lambda _: look("all"), all_cores=True),
    }
    time_in_turns(subjects, 2)
    assert seen == {"one": {one_core()}, "all": {before}}
    assert available_cores() == before


@pytest.mark.skipif(not can_pin(), reason="this system keeps no thread on a core")
def test_cores_are_given_back_after_a_failure() -> None:
    before = available_cores()
    with pytest.raises(ZeroDivisionError), on_cores(one_core()):
        1 // (len(available_cores()) - 1)  # fails because one is left
    assert available_cores() == before


def test_one_compute_thread_lasts_no_longer_than_asked() -> None:
    before = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(2)
    cv2.setNumThreads(2)
    with one_compute_thread():
        assert (torch.get_num_threads(), cv2.getNumThreads()) == (1, 1)
    assert (torch.get_num_threads(), cv2.getNumThreads()) == (2, 2)
    torch.set_num_threads(before[0])
    cv2.setNumThreads(before[1])
