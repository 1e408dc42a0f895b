"""What a line does to a real voice, effect by effect."""

import numpy as np
import pytest
from numpy.typing import NDArray

from training.audio.line import PACKET, Line, in_room, through_line, through_opus, without

from .media import voice

NOTHING = Line(room_share=0, gain_share=0, codec_share=0, loss_share=0)


@pytest.fixture(scope="module")
def window() -> NDArray[np.float32]:
    return voice(2.0)


def alike(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def test_a_line_that_does_nothing_changes_nothing(window: NDArray[np.float32]) -> None:
    assert np.array_equal(through_line(window, NOTHING, np.random.default_rng(0)), window)


def test_the_seed_alone_decides(window: NDArray[np.float32]) -> None:
    def heard(seed: int) -> NDArray[np.float32]:
        return through_line(
            window, Line(1, codec_share=0, loss_share=1), np.random.default_rng(seed)
        )

    assert np.array_equal(heard(1), heard(1))
    assert not np.array_equal(heard(1), heard(2))
    assert heard(1).dtype == np.float32
    assert heard(1).shape == window.shape


def test_a_room_goes_on_sounding_and_is_as_loud() -> None:
    click = np.zeros(16_000, np.float32)
    click[1_000] = 0.5
    heard = in_room(click, 0.4, 0.0, np.random.default_rng(0))
    assert np.square(heard).mean() == pytest.approx(np.square(click).mean(), rel=1e-3)
    assert not np.abs(heard[:990]).max() > 1e-6
    early, late = np.square(heard[1_001:2_600]).sum(), np.square(heard[5_800:7_400]).sum()
    # A decay of 60 dB in 0.4 s is 45 dB in 0.3 s.
    assert 10 * np.log10(early / late) == pytest.approx(45, abs=3)


def test_opus_keeps_the_voice_and_not_its_samples(window: NDArray[np.float32]) -> None:
    good, poor = through_opus(window, 0.0), through_opus(window, 1.0)
    assert good.shape == poor.shape == window.shape
    assert alike(good, window) > alike(poor, window)
    assert 0.6 < alike(poor, window) < 0.9999


def test_a_lost_packet_repeats_the_one_before_and_fades(window: NDArray[np.float32]) -> None:
    lost = np.zeros(100, bool)
    lost[[0, 40]] = True
    heard = without(window, lost)
    assert not heard[:PACKET].any()
    kept = np.repeat(~lost, PACKET)
    assert np.array_equal(heard[kept], window[kept])
    gap, before = heard[40 * PACKET : 41 * PACKET], window[39 * PACKET : 40 * PACKET]
    assert gap[0] == before[0]
    assert np.abs(gap[-80:]).max() <= np.abs(before[-80:]).max() / 8


def test_gain_is_cut_off_at_full_scale(window: NDArray[np.float32]) -> None:
    loud = Line(room_share=0, gain_share=1, gain_db=(60, 60), codec_share=0, loss_share=0)
    heard = through_line(window, loud, np.random.default_rng(0))
    assert np.abs(heard).max() == 1
    assert (np.abs(heard) == 1).mean() > 0.5
