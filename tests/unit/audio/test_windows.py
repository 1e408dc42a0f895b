"""A window is the same samples live, cut from chunks, and offline, cut from the clip."""

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from hoovik.audio.resample import StreamResampler
from hoovik.audio.vad import VoiceDetector
from hoovik.audio.windows import window_centres_s, windows_at
from hoovik.layout import CONTEXT_SAMPLES, SAMPLE_RATE, WINDOW_SAMPLES
from hoovik.session.voice import VoiceStream
from hoovik.settings import AudioSettings, SessionSettings

EVERYTHING = VoiceDetector(aggressiveness=2, min_speech=0.0)


def noise(seconds: float, rate: int = SAMPLE_RATE) -> NDArray[np.float32]:
    return np.random.default_rng(0).uniform(-0.5, 0.5, round(seconds * rate)).astype(np.float32)


def stream(encoder: str = "embedded") -> VoiceStream:
    audio = AudioSettings.model_validate({"encoder": encoder, "max_buffer_s": 0.6})
    return VoiceStream(audio, SessionSettings(), EVERYTHING)


def test_centres_begin_half_a_window_in_and_end_half_a_window_before_the_end() -> None:
    assert window_centres_s(16_000, 0.1) == pytest.approx([0.3, 0.4, 0.5, 0.6, 0.7])
    assert window_centres_s(16_000 - 1, 0.1) == pytest.approx([0.3, 0.4, 0.5, 0.6])
    assert window_centres_s(9_600, 0.3) == pytest.approx([0.3])
    assert window_centres_s(9_599, 0.3).size == 0


def test_a_window_reaches_three_tenths_of_a_second_to_both_sides() -> None:
    ramp = np.arange(16_000, dtype=np.float32)
    (window,) = windows_at(ramp, np.array([0.5]))
    assert (window[0], window[-1]) == (3_200, 12_799)
    assert np.diff(window).tolist() == [1] * (WINDOW_SAMPLES - 1)


def test_context_is_what_comes_before_the_window() -> None:
    clip, centres_s = noise(3.0), np.array([0.3, 1.0, 2.7])
    heard = windows_at(clip, centres_s, 32_000)
    assert heard.shape == (3, 32_000)
    assert np.array_equal(heard[:, -WINDOW_SAMPLES:], windows_at(clip, centres_s))
    assert not heard[0, :-9_600].any()
    assert not heard[1, :11_200].any()
    assert np.array_equal(heard[1, 11_200:], clip[:20_800])
    assert np.array_equal(heard[2], clip[-32_000:])


def test_beyond_the_clip_there_is_silence() -> None:
    early, late = windows_at(np.ones(9_600, np.float32), np.array([0.0, 0.6]))
    assert early.tolist() == [0] * 4_800 + [1] * 4_800
    assert late.tolist() == [1] * 4_800 + [0] * 4_800
    assert not windows_at(np.empty(0, np.float32), np.array([0.3])).any()
    assert windows_at(noise(1), np.empty(0)).shape == (0, WINDOW_SAMPLES)


@pytest.mark.parametrize(("encoder", "context_samples"), CONTEXT_SAMPLES.items())
def test_every_tick_of_a_live_voice_hears_the_window_of_the_clip(
    encoder: str, context_samples: int
) -> None:
    clip, voice = noise(9.0), stream(encoder)
    for chunk in range(90):
        start, now = chunk * 1_600, (chunk + 1) / 10
        voice.push(clip[start : start + 1_600], SAMPLE_RATE, chunk, now)
        if (chunk + 1) % 3 == 0:
            window = voice.speech_window(now)
            assert window is not None
            assert window.sequence_number == chunk
            (offline,) = windows_at(clip, np.array([now - 0.3]), context_samples)
            assert np.array_equal(window.heard, offline)
            assert np.array_equal(window.samples, offline[-WINDOW_SAMPLES:])


def test_a_resampled_live_voice_hears_the_window_of_the_resampled_clip() -> None:
    clip, voice, twin = noise(6.0, 48_000), stream(), StreamResampler(48_000)
    whole, come_out = soxr.resample(clip, 48_000, SAMPLE_RATE, quality="HQ"), 0
    compared = 0
    for chunk in range(60):
        piece, now = clip[chunk * 4_800 : (chunk + 1) * 4_800], (chunk + 1) / 10
        voice.push(piece, 48_000, chunk, now)
        come_out += twin.push(piece).size
        window = voice.speech_window(now)
        if window is not None:
            (offline,) = windows_at(whole, np.array([come_out / SAMPLE_RATE - 0.3]))
            assert np.abs(window.samples - offline).max() < 1e-6
            compared += 1
    assert compared >= 57
    # The filter holds back less than 40 ms.
    assert come_out > (6.0 - 0.04) * SAMPLE_RATE


def test_a_voice_shorter_than_a_window_has_silence_before_it() -> None:
    voice = stream()
    voice.push(np.full(1_600, 0.5, np.float32), SAMPLE_RATE, 1, 0.1)
    assert voice.speech_window(0.1) is None
    voice.push(np.full(1_600, 0.5, np.float32), SAMPLE_RATE, 2, 0.2)
    window = voice.speech_window(0.2)
    assert window is not None
    assert window.samples.tolist() == [0] * 6_400 + [0.5] * 3_200


@pytest.mark.parametrize(("encoder", "context_samples"), CONTEXT_SAMPLES.items())
def test_a_cleared_voice_never_sounds_again(encoder: str, context_samples: int) -> None:
    voice = stream(encoder)
    voice.push(np.full(16_000, 0.5, np.float32), SAMPLE_RATE, 1, 1.0)
    voice.clear()
    assert voice.speech_window(1.0) is None
    voice.push(np.full(4_800, 0.25, np.float32), SAMPLE_RATE, 2, 1.3)
    window = voice.speech_window(1.3)
    assert window is not None
    assert window.heard.size == context_samples
    assert 0.5 not in window.heard


def test_speech_before_the_window_does_not_make_it_speech(speech: NDArray[np.float32]) -> None:
    audio = AudioSettings(encoder="whisper")
    detector = VoiceDetector(audio.vad_aggressiveness, audio.min_speech)
    voice = VoiceStream(audio, SessionSettings(), detector)
    voice.push(speech[0], SAMPLE_RATE, 1, 0.6)
    assert voice.speech_window(0.6) is not None
    voice.push(np.zeros(WINDOW_SAMPLES, np.float32), SAMPLE_RATE, 2, 1.2)
    assert voice.speech_window(1.2) is None
