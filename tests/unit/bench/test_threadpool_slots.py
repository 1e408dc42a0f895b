import numpy as np

from bench.threadpool_slots import NewestMedia
from hoovik.layout import SAMPLE_RATE, WINDOW_SAMPLES
from hoovik.session.sight import CameraFrame

CHUNK = SAMPLE_RATE // 10


def test_the_newest_window_is_taken_once() -> None:
    media = NewestMedia()
    voice = np.arange(8 * CHUNK, dtype=np.float32)
    for number in range(8):
        media.hear(voice[number * CHUNK : (number + 1) * CHUNK], SAMPLE_RATE, number + 1, number)
    window = media.take_window()
    assert window is not None
    assert np.array_equal(window.samples, voice[-WINDOW_SAMPLES:])
    assert (window.sequence_number, window.arrived_s) == (8, 7)
    assert media.take_window() is None
    assert media.take_window() is None
    media.hear(voice[:CHUNK], SAMPLE_RATE, 9, 8.0)
    again = media.take_window()
    assert again is not None
    assert np.array_equal(again.samples[-CHUNK:], voice[:CHUNK])


def test_little_sound_is_padded_and_too_little_is_none() -> None:
    media = NewestMedia()
    media.hear(np.ones(CHUNK, np.float32), SAMPLE_RATE, 1, 0.0)
    assert media.take_window() is None
    media.hear(np.ones(CHUNK, np.float32), SAMPLE_RATE, 2, 0.1)
    window = media.take_window()
    assert window is not None
    assert window.samples.sum() == 2 * CHUNK
    assert not window.samples[: -2 * CHUNK].any()


def test_a_newer_frame_takes_the_place_of_the_older() -> None:
    media = NewestMedia()
    for number in (1, 2):
        media.see(CameraFrame(b"", number, float(number)))
    picture = media.take_picture()
    assert picture is not None
    assert picture.sequence_number == 2
    assert media.take_picture() is None


def test_what_is_switched_off_is_forgotten() -> None:
    media = NewestMedia()
    media.hear(np.ones(WINDOW_SAMPLES, np.float32), SAMPLE_RATE, 1, 0.0)
    media.see(CameraFrame(b"", 1, 0.0))
    media.forget_sound()
    media.forget_picture()
    assert media.take_window() is None
    assert media.take_picture() is None
    media.hear(np.ones(2 * CHUNK, np.float32), SAMPLE_RATE, 2, 1.0)
    window = media.take_window()
    assert window is not None
    assert window.samples.sum() == 2 * CHUNK, "sound from before the mute"


def test_other_rates_are_brought_to_16_khz() -> None:
    media = NewestMedia()
    for number in range(10):
        media.hear(np.zeros(4_800, np.float32), 48_000, number + 1, number / 10)
    window = media.take_window()
    assert window is not None
    assert window.samples.shape == (WINDOW_SAMPLES,)
