import numpy as np
import pytest

from deployments.ingress.beat import LEAD_S, Beat

PERIOD_S = 0.15


def test_before_anything_is_known_a_delivery_waits_for_a_period() -> None:
    assert Beat(PERIOD_S).wait_s(7.0) == PERIOD_S


def test_a_delivery_comes_just_before_the_beat_and_the_next_a_period_later() -> None:
    beat = Beat(PERIOD_S)
    beat.told(10.0, 10.002, 0.05)
    wait_s = beat.wait_s(10.002)
    assert 10.002 + wait_s == pytest.approx(10.051 - LEAD_S)
    # Woken a hair early, it does not deliver twice for one beat.
    assert beat.wait_s(10.002 + wait_s - 0.0005) == pytest.approx(PERIOD_S, abs=0.001)
    assert beat.wait_s(10.002 + wait_s + 0.001) == pytest.approx(PERIOD_S - 0.001)


def test_slow_answers_do_not_spoil_what_fast_ones_told() -> None:
    """Calls of which some are stuck for long, on the way there or back."""
    random = np.random.default_rng(0)
    beat, beats_s = Beat(PERIOD_S), np.arange(0, 100, PERIOD_S)
    errors_s = []
    for asked_s in np.arange(1, 90, 0.15):
        there_s, back_s = random.exponential(0.002, 2)
        if random.random() < 0.3:
            there_s += random.exponential(0.2)
        at_s = asked_s + there_s
        next_s = beats_s[beats_s > at_s][0]
        beat.told(asked_s, at_s + back_s, next_s - at_s)
        due_s = asked_s + 1 + beat.wait_s(asked_s + 1) + LEAD_S
        errors_s.append(np.abs(beats_s - due_s).min())
    assert np.percentile(errors_s[10:], 95) < 0.004


def test_a_room_that_keeps_another_beat_is_followed() -> None:
    beat = Beat(PERIOD_S)
    beat.told(10.0, 10.001, 0.05)
    for number in range(100):
        asked_s = 20.0 + number
        beat.told(asked_s, asked_s + 0.02, 0.1)
    assert (asked_s + 0.01 + 0.1 - LEAD_S - 119.5) % PERIOD_S == pytest.approx(
        beat.wait_s(119.5) % PERIOD_S, abs=1e-6
    )
