import numpy as np
import pytest
from numpy.typing import NDArray

from hoovik.audio.vad import VoiceDetector
from hoovik.audio.windows import window_centres_s, windows_at
from hoovik.layout import WINDOW_SAMPLES
from hoovik.media.clip import read_clip
from hoovik.media.meeting import load_meeting
from hoovik.settings import AudioSettings

SECONDS = np.arange(WINDOW_SAMPLES) / 16_000


@pytest.fixture
def detector() -> VoiceDetector:
    settings = AudioSettings()
    return VoiceDetector(settings.vad_aggressiveness, settings.min_speech)


def at_level(samples: NDArray[np.floating], dbfs: float) -> NDArray[np.float32]:
    rms = np.sqrt(np.mean(np.square(samples)))
    return (samples / rms * 10 ** (dbfs / 20)).astype(np.float32)


@pytest.fixture(scope="module")
def voices(meeting_folder) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Of each participant, windows wholly within speech and windows wholly outside of it."""
    heard = []
    for participant in load_meeting(meeting_folder).participants:
        clip = read_clip(participant.file, fps=0.1)
        centres = window_centres_s(clip.audio.size, 0.1)
        within = np.zeros(centres.size, bool)
        beside = np.ones(centres.size, bool)
        for start, end in participant.speech:
            within |= (centres - 0.3 >= start) & (centres + 0.3 <= end)
            beside &= (centres + 0.3 < start) | (centres - 0.3 > end)
        assert within.sum() > 50
        assert beside.sum() > 50
        windows = windows_at(clip.audio, centres)
        heard.append((windows[within], windows[beside]))
    return heard


def test_voices_are_speech_and_the_pauses_between_are_not(voices, detector: VoiceDetector) -> None:
    for speaking, pausing in voices:
        assert np.mean([detector.is_speech(window) for window in speaking]) >= 0.98
        assert np.mean([detector.is_speech(window) for window in pausing]) <= 0.02


@pytest.mark.parametrize("dbfs", [-65, -50, -35, -20])
def test_a_voice_is_heard_at_any_level(voices, detector: VoiceDetector, dbfs: float) -> None:
    for speaking, _ in voices:
        heard = [detector.is_speech(at_level(window, dbfs)) for window in speaking[::4]]
        assert np.mean(heard) >= 0.9


@pytest.mark.parametrize("dbfs", [-70, -60, -50, -40, -30, -20, -10])
def test_noise_at_any_level_is_not_speech(detector: VoiceDetector, dbfs: float) -> None:
    generator = np.random.default_rng(0)
    hiss = [at_level(generator.standard_normal(WINDOW_SAMPLES), dbfs) for _ in range(20)]
    assert not any(detector.is_speech(window) for window in hiss)
    rumble = [at_level(generator.standard_normal(WINDOW_SAMPLES).cumsum(), dbfs) for _ in range(20)]
    assert sum(detector.is_speech(window) for window in rumble) <= 2


@pytest.mark.parametrize("mains_hz", [50, 60])
@pytest.mark.parametrize("amplitude", [0.001, 0.01, 0.1, 0.3])
def test_hum_is_not_speech(detector: VoiceDetector, mains_hz: int, amplitude: float) -> None:
    hum = sum(np.sin(2 * np.pi * mains_hz * k * SECONDS) / k for k in (1, 2, 3))
    assert not detector.is_speech((amplitude * hum).astype(np.float32))


def test_key_clicks_are_not_speech(detector: VoiceDetector) -> None:
    generator = np.random.default_rng(0)
    for _ in range(20):
        window = np.zeros(WINDOW_SAMPLES, np.float32)
        for start in generator.integers(0, WINDOW_SAMPLES - 160, 4):
            window[start : start + 160] += (
                generator.standard_normal(160) * 0.4 * np.exp(-np.arange(160) / 40)
            )
        assert not detector.is_speech(window)


def test_digital_silence_has_no_speech_at_all(detector: VoiceDetector) -> None:
    assert detector.speech_share(np.zeros(WINDOW_SAMPLES, np.float32)) == 0


def test_less_than_a_frame_has_no_speech(detector: VoiceDetector, voices) -> None:
    assert detector.speech_share(voices[0][0][0][:479]) == 0
    assert detector.speech_share(np.empty(0, np.float32)) == 0


def test_the_share_counts_frames_of_30_ms(voices) -> None:
    speaking = voices[0][0][10]
    share = VoiceDetector(2, 0.2).speech_share(speaking)
    assert share * 20 == pytest.approx(round(share * 20))
    assert VoiceDetector(2, share).is_speech(speaking)
    assert not VoiceDetector(2, share + 0.01).is_speech(speaking)


def test_the_window_alone_decides(voices, detector: VoiceDetector) -> None:
    speaking, pausing = voices[0]
    alone = [VoiceDetector(2, 0.2).speech_share(window) for window in speaking[:10]]
    for window in pausing[:10]:
        detector.speech_share(window)
    assert [detector.speech_share(window) for window in speaking[:10]] == alone
