import pytest

from bench.behaviour import Behaviour, Habits
from hoovik.schema.action import Action

TIMES = [number / 10 for number in range(3_000)]


def pressed(habits: Habits, seed: int) -> list[tuple[float, Action]]:
    behaviour = Behaviour(habits, seed)
    return [(now_s, action) for now_s in TIMES for action in behaviour.actions(now_s)]


def test_buttons_come_about_as_often_as_asked_and_alternate() -> None:
    presses = pressed(Habits(toggle_every_s=10.0), seed=1)
    assert len(presses) == pytest.approx(30, abs=6)
    for kind in ((Action.MUTE, Action.UNMUTE), (Action.CAMERA_OFF, Action.CAMERA_ON)):
        own = [action for _, action in presses if action in kind]
        assert len(own) > 5
        assert own == [kind[number % 2] for number in range(len(own))]


def test_a_seed_says_when() -> None:
    habits = Habits(toggle_every_s=5.0)
    assert pressed(habits, seed=3) == pressed(habits, seed=3)
    assert pressed(habits, seed=3) != pressed(habits, seed=4)


def test_what_is_on_is_known() -> None:
    behaviour = Behaviour(Habits(toggle_every_s=5.0), 0)
    for now_s in TIMES:
        for action in behaviour.actions(now_s):
            state = {Action.MUTE: False, Action.UNMUTE: True}
            assert behaviour.mic == state.get(action, behaviour.mic)


def test_bursts_last_and_come_again() -> None:
    behaviour = Behaviour(Habits(burst_every_s=30.0, burst_s=5.0, burst_fps=30.0), 0)
    rates = {now_s: behaviour.fps(now_s, 5.0) for now_s in TIMES}
    assert rates[29.9] == 5.0
    assert rates[30.0] == rates[34.9] == 30.0
    assert rates[35.0] == rates[64.9] == 5.0
    assert rates[65.0] == 30.0
    assert behaviour.bursts == 8


def test_never_means_never() -> None:
    behaviour = Behaviour(Habits(toggle_every_s=0, burst_every_s=0), 0)
    assert not [action for now_s in TIMES for action in behaviour.actions(now_s)]
    assert {behaviour.fps(now_s, 5.0) for now_s in TIMES} == {5.0}
