"""What rules find wrong with sound, on speakers that models are trained on."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from hoovik.audio.quality import JUDGED_SAMPLES, sound_faults
from hoovik.audio.vad import VoiceDetector
from hoovik.layout import SAMPLE_RATE, WINDOW_SAMPLES
from hoovik.schema.reason import VOICE_FAULTS, Reason
from hoovik.settings import AudioSettings
from training.splits import RAVDESS_ACTORS, Split

TICK_SAMPLES = 4800
CLIPS_OF_EACH = 9
CHORDS = ((45, 57, 60, 64), (41, 53, 57, 60), (43, 55, 59, 62))

Sound = NDArray[np.float32]


@pytest.fixture(scope="module")
def clips(data: Path) -> list[Sound]:
    """Recordings of the actors for training, a hundred and more."""
    return [
        soundfile.read(path, dtype="float32")[0]
        for actor in RAVDESS_ACTORS[Split.TRAIN]
        for path in sorted((data / f"ravdess/Actor_{actor:02d}").iterdir())[::6][:CLIPS_OF_EACH]
    ]


def shares(sounds: Iterable[Sound]) -> dict[Reason, float]:
    """Of the ticks that speak, those at which each fault is found."""
    settings = AudioSettings()
    detector = VoiceDetector(settings.vad_aggressiveness, settings.min_speech)
    found: Counter[Reason] = Counter()
    ticks = 0
    for sound in sounds:
        for end in range(WINDOW_SAMPLES, sound.size + 1, TICK_SAMPLES):
            if detector.is_speech(sound[end - WINDOW_SAMPLES : end]):
                found.update(sound_faults(sound[max(0, end - JUDGED_SAMPLES) : end]))
                ticks += 1
    assert ticks >= 90
    return {fault: found[fault] / ticks for fault in VOICE_FAULTS}


def overdriven(sound: Sound, source_hz: int) -> Sound:
    """30 dB over full scale, cut off before it is brought to 16 kHz, and turned down."""
    fine = soxr.resample(sound, SAMPLE_RATE, source_hz)
    cut = np.clip(fine / np.abs(fine).max() * 10 ** (30 / 20), -1, 1)
    return np.asarray(0.5 * soxr.resample(cut, source_hz, SAMPLE_RATE), np.float32)


def noisy(sound: Sound, rng: np.random.Generator) -> Sound:
    rms = np.sqrt(np.mean(sound**2))
    return (sound + rms * rng.standard_normal(sound.size)).astype(np.float32)


def held_chords(partials: int, decay: float, beat_s: float) -> Sound:
    """Half a minute of chords and of a melody on top, as while somebody is on hold."""
    rng = np.random.default_rng(partials)
    times_s = np.arange(round(beat_s * SAMPLE_RATE)) / SAMPLE_RATE
    beats = []
    for beat in range(round(30 / beat_s)):
        chord = CHORDS[beat // 4 % len(CHORDS)]
        notes = [*chord, 12 + chord[rng.integers(1, len(chord))]]
        hz = [440 * 2 ** ((note - 69) / 12) for note in notes]
        tones = [np.sin(2 * np.pi * f * k * times_s) / k for f in hz for k in range(1, partials)]
        beats.append(np.sum(tones, axis=0) * np.exp(-decay * times_s))
    sound = np.concatenate(beats)
    return (0.3 * sound / np.abs(sound).max()).astype(np.float32)


def test_clean_speech_has_no_faults(clips: list[Sound]) -> None:
    assert max(shares(clips).values()) <= 0.005


@pytest.mark.parametrize("source_hz", [16_000, 48_000])
def test_speech_that_is_overdriven_is_clipped(clips: list[Sound], source_hz: int) -> None:
    assert shares(overdriven(clip, source_hz) for clip in clips)[Reason.CLIPPED] >= 0.8


def test_speech_in_as_much_noise_is_noisy(clips: list[Sound]) -> None:
    rng = np.random.default_rng(0)
    found = shares(noisy(clip, rng) for clip in clips)
    assert found[Reason.NOISY] >= 0.95
    assert found[Reason.MUSIC] <= 0.005


@pytest.mark.parametrize(("partials", "decay", "beat_s"), [(9, 3.0, 0.6), (6, 0.0, 0.5)])
def test_music_on_hold_is_music(partials: int, decay: float, beat_s: float) -> None:
    assert shares([held_chords(partials, decay, beat_s)])[Reason.MUSIC] >= 0.85


@pytest.mark.parametrize("n", [3_200, 1_024, 500, 1])
def test_a_voice_that_has_just_begun_can_be_judged(n: int) -> None:
    sound = np.random.default_rng(0).standard_normal(n).astype(np.float32)
    assert set(sound_faults(sound)) <= VOICE_FAULTS
