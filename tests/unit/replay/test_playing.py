import numpy as np

from hoovik.features.baseline import Baseline, Voices
from hoovik.layout import AUDIO_DIM
from replay.cells import CELL_S
from replay.playing import without_persons

VOICES = Voices(np.zeros(AUDIO_DIM, np.float32), weight=10, memory=600)


def said(n: int) -> list[np.ndarray]:
    return list(np.random.default_rng(0).standard_normal((n, AUDIO_DIM)).astype(np.float32) + 3)


def test_a_baseline_is_learned_from_a_cell_and_the_one_before() -> None:
    times_s, told = [1.0, 2.0, 6.0, 7.0, 11.0], said(5)
    left = without_persons(times_s, told, VOICES)
    for first, place in ((0, 0), (0, 1), (0, 2), (0, 3), (2, 4)):
        baseline = Baseline(VOICES)
        expected = [baseline.remove(one) for one in told[first : place + 1]][-1]
        np.testing.assert_array_equal(left[place], expected)


def test_what_was_said_longer_ago_teaches_nothing() -> None:
    told = said(3)
    left = without_persons([1.0, 2.0, 1.0 + 2 * CELL_S], told, VOICES)
    np.testing.assert_array_equal(left[2], Baseline(VOICES).remove(told[2]))
