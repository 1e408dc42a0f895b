import numpy as np
import pytest

from bench.media import CHUNK_S, TURN_S, Media
from hoovik.audio.vad import VoiceDetector
from hoovik.layout import SAMPLE_RATE, WINDOW_SAMPLES
from hoovik.settings import AudioSettings
from hoovik_client.recording import CHUNK_SAMPLES, Recording

FRAMES = tuple((n / 5, bytes([n])) for n in range(10))


def recording() -> Recording:
    audio = np.random.default_rng(7).standard_normal(2 * SAMPLE_RATE).astype(np.float32)
    return Recording(audio, FRAMES, 2.0)


def sounds(media: Media, seconds: float) -> list[bytes]:
    return [media.sound(number) for number in range(int(seconds / CHUNK_S))]


def test_who_speaks_all_the_time_sends_the_recording_over_and_over() -> None:
    media = Media.of(recording(), speaking=1.0, place=0)
    sent = np.frombuffer(b"".join(sounds(media, 6.0)), "<f4")
    assert np.array_equal(sent, np.tile(recording().audio, 3))


def test_turns_fill_the_share_and_go_round() -> None:
    everyone = [Media.of(recording(), speaking=0.25, place=place) for place in range(8)]
    instants = np.arange(0, 8 * TURN_S, CHUNK_S) + CHUNK_S / 2
    turns = np.array([[media.is_turn(at_s) for at_s in instants] for media in everyone])
    assert (turns.mean(axis=1) == 0.25).all()
    assert (turns.sum(axis=0) == 2).all()


def test_between_turns_there_is_noise_that_is_no_speech() -> None:
    media = Media.of(recording(), speaking=0.25, place=0)
    number = round(TURN_S / CHUNK_S)
    quiet = b"".join(media.sound(number + n) for n in range(60))
    noise = np.frombuffer(quiet, "<f4")
    assert 0 < np.abs(noise).max() < 0.01
    usual = AudioSettings()
    detector = VoiceDetector(usual.vad_aggressiveness, usual.min_speech)
    windows = noise.reshape(-1, WINDOW_SAMPLES)
    assert not any(detector.is_speech(window) for window in windows)


def test_the_same_arguments_make_the_same_bytes_and_another_place_other_noise() -> None:
    one, again, other = (Media.of(recording(), speaking=0.25, place=place) for place in (3, 3, 4))
    assert sounds(one, 12.0) == sounds(again, 12.0)
    assert not set(one.noise) & set(other.noise)
    assert all(len(chunk) == 4 * CHUNK_SAMPLES for chunk in one.noise)


def test_a_faster_camera_shows_frames_more_than_once() -> None:
    media = Media.of(recording(), speaking=1.0, place=0)
    assert [media.image(n / 10) for n in range(6)] == [bytes([n // 2]) for n in range(6)]
    assert media.image(2.0) == media.image(0.0)


@pytest.mark.parametrize("share", [0.0, -1.0, 1.5])
def test_a_share_is_a_share(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        Media.of(recording(), speaking=share, place=0)
