from math import inf

import pytest

from hoovik_client.pacing import FrameGate


def sent(times_s: list[float], fps: float) -> list[float]:
    gate = FrameGate()
    return [time_s for time_s in times_s if gate.lets_through(time_s, fps)]


@pytest.mark.parametrize(
    ("camera_fps", "asked_fps", "got_fps"),
    [(30, 5, 5), (30, 7, 7), (5, 5, 5), (5, 2.5, 2.5), (10, 7, 7), (5, 30, 5), (5, inf, 5)],
)
def test_a_camera_is_thinned_out_to_the_rate_that_is_asked_for(
    camera_fps: float, asked_fps: float, got_fps: float
) -> None:
    times_s = [number / camera_fps for number in range(round(camera_fps * 100))]
    assert len(sent(times_s, asked_fps)) == pytest.approx(100 * got_fps, rel=0.01)


def test_a_frame_may_come_a_little_early() -> None:
    assert sent([0.0, 0.19, 0.41, 0.59], 5) == [0.0, 0.19, 0.41, 0.59]


def test_what_a_camera_missed_is_not_made_up_for() -> None:
    late = [10 + number / 30 for number in range(30)]
    assert len(sent([0.0, *late], 5)) <= 1 + 6


def test_the_rate_may_change_at_any_time() -> None:
    gate = FrameGate()
    passed = [gate.lets_through(number / 10, 10 if number < 10 else 2) for number in range(30)]
    assert passed[:10] == [True] * 10
    assert sum(passed[10:]) == pytest.approx(4, abs=1)
