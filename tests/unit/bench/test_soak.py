import numpy as np
import pytest

from bench.soak import growth_per_min
from bench.soak_script import AWAY_S, restless
from hoovik.schema.action import Action
from hoovik_client.recording import SAMPLE_RATE, Recording

RECORDING = Recording(np.arange(2 * SAMPLE_RATE, dtype=np.float32), ((0.0, b"a"), (1.0, b"b")), 2.0)


def test_whatever_is_switched_off_is_switched_on_again_before_the_next() -> None:
    script = restless(RECORDING, 300.0, 20.0, seed=1).script
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
    assert times[-1] < 300.0


def test_the_media_go_on_over_and_over() -> None:
    long = restless(RECORDING, 5.0, 20.0, seed=1)
    assert long.duration_s == 6.0
    assert np.array_equal(long.audio, np.tile(RECORDING.audio, 3))
    assert [time_s for time_s, _ in long.frames] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def test_the_same_seed_makes_the_same_script() -> None:
    one, same, other = (restless(RECORDING, 300.0, 20.0, seed) for seed in (1, 1, 2))
    assert one.script == same.script != other.script


def test_actions_cannot_overlap() -> None:
    with pytest.raises(ValueError, match="7 s apart"):
        restless(RECORDING, 300.0, 6.0, seed=1)


def test_growth_is_that_of_the_later_part() -> None:
    samples = [
        {
            "t_s": 10.0 * n,
            "processes": 20,
            "files": 500 + (n % 2),
            "rss": 900.0 if n < 4 else 1000.0 + n,
            "pss": 100.0,
        }
        for n in range(12)
    ]
    growth = growth_per_min(samples)
    assert growth["rss"] == pytest.approx(6.0)
    assert growth["processes"] == pytest.approx(0.0, abs=1e-9)
    assert growth["pss"] == pytest.approx(0.0, abs=1e-9)
    assert growth_per_min(samples[:1]) == {}


def test_a_process_that_was_away_for_a_moment_is_no_growth() -> None:
    samples = [
        {"t_s": 10.0 * n, "processes": 19, "files": 1000, "rss": 5000.0, "pss": 3500.0}
        for n in range(30)
    ]
    samples[11] |= {"processes": 18, "pss": 3430.0}
    samples[12] |= {"pss": 3460.0}
    assert set(growth_per_min(samples).values()) == {0.0}
