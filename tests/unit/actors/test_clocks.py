import pytest

from actors.clocks import DRIFT, LeastOffset


def test_transit_makes_nothing_younger() -> None:
    offset = LeastOffset()
    assert offset.told(sent_s=10.0, now=15.005) == pytest.approx(5.005)
    assert offset.told(sent_s=10.1, now=15.5) == pytest.approx(5.005, abs=0.001)
    assert offset.told(sent_s=10.6, now=15.602) == pytest.approx(5.002, abs=0.001)


def test_a_clock_that_parts_is_followed() -> None:
    offset = LeastOffset()
    offset.told(0.0, 5.0)
    assert offset.told(1000.0, 1006.5) == pytest.approx(
        5.0 + 1006.5 * DRIFT - 5.0 * DRIFT, abs=0.01
    )
