import argparse

import pytest

from bench.attendee import Told
from bench.load_plan import LoadPlan
from bench.load_report import percentiles, report


def test_a_plan_survives_the_command_line() -> None:
    plan = LoadPlan(3, 20.0, warmup=2.5, fps=10, speaking=0.25, burst_fps=30, heed=False)
    parser = argparse.ArgumentParser()
    LoadPlan.add_options(parser)
    assert LoadPlan.from_options(parser.parse_args(plan.as_arguments())) == plan


def test_a_command_line_leaves_out_what_is_usual() -> None:
    parser = argparse.ArgumentParser()
    LoadPlan.add_options(parser)
    options = parser.parse_args(["--participants", "2", "--seconds", "9"])
    assert LoadPlan.from_options(options) == LoadPlan(2, 9.0)


def test_a_burst_has_its_time_in_the_window() -> None:
    plan = LoadPlan(1, 60.0, warmup=5, burst_fps=30, burst_after=10, burst_seconds=20)
    fps = [plan.camera_fps(at_s) for at_s in (-5.0, 0.0, 9.9, 10.0, 29.9, 30.0)]
    assert fps == [5, 5, 5, 30, 30, 5]
    assert LoadPlan(1, 60.0).camera_fps(15.0) == 5


def test_only_the_window_counts() -> None:
    ada = Told(
        results=[
            (99.9, 10.0, "both"),
            (100.0, 20.0, "both"),
            (103.0, 40.0, "video_only"),
            (104.0, 50.0, "both"),
        ],
        suggestions=[(99.0, 2.5), (101.0, 5.0)],
        frames=[99.0, 100.1, 100.9, 103.0],
    )
    bert = Told(results=[(101.0, None, "both")], errors=[{"code": "BAD_IMAGE"}])
    told = report([ada, bert], begun_s=100.0, seconds=4.0, cpu_s=0.5)
    assert told["results"] == 3
    assert told["results_per_s"] == 0.75
    assert told["per_participant"] == [0.5, 0.25]
    assert told["latency_ms"] == {"n": 2, "p50": 30.0, "p95": pytest.approx(39.0)}
    assert {name: one["n"] for name, one in told["latency_ms_by_profile"].items()} == {
        "both": 1,
        "video_only": 1,
    }
    assert told["errors"] == [{"code": "BAD_IMAGE"}]
    assert told["frames"] == 3
    assert told["series"] == {
        "t_s": [0.0, 1.0, 3.0],
        "latency_ms": [20.0, None, 40.0],
        "participant": [0, 1, 0],
        "suggested_fps": [[-1.0, 0, 2.5], [1.0, 0, 5.0]],
        "frames_by_second": [2, 0, 0, 1],
    }


def test_without_results_there_is_no_latency() -> None:
    assert percentiles([]) == percentiles([None]) == {"n": 0, "p50": None, "p95": None}
