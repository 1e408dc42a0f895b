import argparse
from itertools import islice

import numpy as np
import pytest

from bench.attendee import Told
from bench.load import BEGUN, OVER, Crowd, sample_recordings
from bench.load_plan import AWAY_S, LoadPlan
from bench.load_report import percentiles, report, spread
from hoovik.schema.action import Action
from hoovik_client.tally import Tally
from tests.unit.bench.standin import standin


def test_a_plan_survives_the_command_line() -> None:
    plan = LoadPlan(
        3, 20.0, rooms=2, warm=True, warmup=2.5, fps=10, speaking=0.25, burst_fps=30, heed=False
    )
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


@pytest.mark.parametrize("rooms", [0, 4])
def test_no_room_stays_empty(rooms: int) -> None:
    with pytest.raises(ValueError, match=f"1 to 3 rooms, got {rooms}"):
        LoadPlan(3, 20.0, rooms=rooms)


def test_whatever_is_switched_off_is_switched_on_again_before_the_next() -> None:
    script = list(islice(LoadPlan(1, 1.0, interrupt_every=20.0).actions(0), 60))
    begins, ends = script[::2], script[1::2]
    back = {
        Action.MUTE: Action.UNMUTE,
        Action.CAMERA_OFF: Action.CAMERA_ON,
        Action.LEAVE: Action.JOIN,
    }
    assert {action for _, action in begins} == set(back)
    for (from_s, begin), (to_s, end) in zip(begins, ends, strict=True):
        assert end is back[begin]
        assert to_s == from_s + AWAY_S
    times = [time_s for time_s, _ in script]
    assert times == sorted(times)
    assert np.diff(times[::2]).mean() == pytest.approx(20.0, rel=0.2)


def test_a_seed_and_a_participant_say_what_happens_when() -> None:
    def scripts(seed: int) -> list[list[tuple[float, Action]]]:
        plan = LoadPlan(2, 1.0, interrupt_every=20.0, seed=seed)
        return [list(islice(plan.actions(number), 20)) for number in range(2)]

    assert scripts(1) == scripts(1) != scripts(2)
    assert scripts(1)[0] != scripts(1)[1]
    assert not list(LoadPlan(1, 1.0).actions(0))


def test_interruptions_cannot_overlap() -> None:
    with pytest.raises(ValueError, match="7 s apart"):
        LoadPlan(1, 300.0, interrupt_every=6.0)


def test_rooms_are_shared_evenly_and_left_for_new_ones() -> None:
    plan = LoadPlan(6, 1.0, rooms=3)
    assert [next(plan.room_names(n, "r")) for n in range(6)] == ["r-0", "r-1", "r-2"] * 2
    assert set(islice(plan.room_names(4, "r"), 20)) == {"r-1"}
    moving = list(islice(LoadPlan(6, 1.0, rooms=3, move=True).room_names(4, "r"), 40))
    assert moving[0] == "r-1"
    assert 10 < len(set(moving)) < 30
    assert moving == sorted(moving, key=moving.index)  # a room that was left is not gone back to


def test_both_of_the_sample_meeting_take_part() -> None:
    mira, jonas = sample_recordings()
    assert mira.frames[0] != jonas.frames[0]
    assert not np.array_equal(mira.audio, jonas.audio)


async def test_attendees_join_their_rooms_and_are_told_apart() -> None:
    marks: list[str] = []
    async with standin() as service:
        crowd = Crowd(service.url, LoadPlan(4, 0.5, rooms=2, warm=True))
        told = crowd.report(await crowd.attend(marks.append))
    assert marks == [BEGUN, OVER]
    rooms = [room for (room,) in service.rooms.values()]
    assert len(rooms) == 4
    assert len(set(rooms)) == 2
    assert all(
        counts["audio_chunk"] and counts["emotion.frame"] for counts in service.sent.values()
    )
    assert told["first_result_s"]["n"] == 4
    assert told["due_per_s"] == pytest.approx(4 / 0.3)
    assert told["results"] > 0
    assert told["refused_s"]["n"] == 0
    assert service.left == 4


async def test_who_is_refused_goes_and_is_owed_nothing() -> None:
    async with standin(places=2) as service:
        crowd = Crowd(service.url, LoadPlan(5, 0.5, rooms=5, warm=True))
        told = crowd.report(await crowd.attend())
    assert (told["joined"], told["first_result_s"]["n"], told["refused_s"]["n"]) == (2, 2, 3)
    assert told["refused_s"]["worst"] > 0
    assert told["due_per_s"] == pytest.approx(2 / 0.3)
    assert [error["code"] for error in told["errors"]] == ["AT_CAPACITY"] * 3
    assert all(len(joins) == 1 for joins in service.rooms.values())


async def test_who_is_idle_sends_nothing() -> None:
    async with standin() as service:
        crowd = Crowd(service.url, LoadPlan(20, 0.3, rooms=20, warm=True, idle=True))
        told = crowd.report(await crowd.attend())
    assert len(service.sent) == 20
    assert not any(counts.total() for counts in service.sent.values())
    assert told["joined"] == 20
    assert told["first_result_s"]["n"] == told["results"] == 0


async def test_a_service_that_is_not_there_is_an_error() -> None:
    with pytest.raises(Exception, match=r"(?i)connect"):
        await Crowd("http://127.0.0.1:9", LoadPlan(2, 5.0)).attend()


def test_only_the_window_counts() -> None:
    ada = Told(
        results=[
            (99.9, 10.0, "both"),
            (100.0, 20.0, "both"),
            (103.0, 40.0, "video_only"),
            (104.0, 50.0, "both"),
        ],
        first_results_s=[0.8],
        suggestions=[(99.0, 2.5), (101.0, 5.0)],
        frames=[99.0, 100.1, 100.9, 103.0],
    )
    bert = Told(
        Tally(errors=[{"code": "BAD_IMAGE"}]),
        results=[(101.0, None, "both")],
        first_results_s=[1.2, 1.0],
    )
    told = report([ada, bert, Told(refused_s=0.1)], begun_s=100.0, seconds=4.0, cpu_s=0.5)
    assert told["results"] == 3
    assert told["results_per_s"] == 0.75
    assert told["due_per_s"] == pytest.approx(2 / 0.3)
    assert told["share"] == pytest.approx(0.75 * 0.3 / 2)
    assert told["first_result_s"] == {"n": 3, "p50": 1.0, "p95": pytest.approx(1.18), "worst": 1.2}
    assert told["refused_s"] == {"n": 1, "p50": 0.1, "p95": 0.1, "worst": 0.1}
    assert told["per_participant"] == [0.5, 0.25, 0.0]
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


def test_without_values_there_is_no_percentile() -> None:
    assert percentiles([]) == percentiles([None]) == {"n": 0, "p50": None, "p95": None}
    assert spread([None]) == {"n": 0, "p50": None, "p95": None, "worst": None}
