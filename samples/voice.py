"""Speech of the sample meeting, from espeak-ng, and the quiet of a room around it."""

import html
import io
import shutil
import subprocess
from dataclasses import dataclass

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

Sound = NDArray[np.float32]

SAMPLE_RATE = 48_000
ROOM_TONE_DBFS = -65.0
SILENCE_DBFS = -50.0
MAX_GAP_S = 0.3


@dataclass(frozen=True)
class Delivery:
    """How a sentence is said, in espeak-ng's numbers: pitch 0-99, words a minute, amplitude 0-200."""

    pitch: int
    words_per_minute: int
    amplitude: int
    pitch_range_percent: int


def speak(text: str, voice: str, delivery: Delivery) -> Sound:
    """Mono float32 sound at 48 kHz of ``text``, without silence before and after."""
    if shutil.which("espeak-ng") is None:
        raise SystemExit("espeak-ng is not installed; on Debian: apt-get install espeak-ng")
    ssml = f'<prosody range="{delivery.pitch_range_percent}%">{html.escape(text)}</prosody>'
    command = [
        "espeak-ng", "-m", "--stdout", "-v", voice, "-p", str(delivery.pitch),
        "-s", str(delivery.words_per_minute), "-a", str(delivery.amplitude), ssml,
    ]  # fmt: skip
    wav = subprocess.run(command, check=True, capture_output=True).stdout
    sound, rate = sf.read(io.BytesIO(wav), dtype="float32")
    sound = soxr.resample(sound, rate, SAMPLE_RATE)
    loud = np.flatnonzero(np.abs(sound) > 10 ** (SILENCE_DBFS / 20))
    return np.asarray(sound[loud[0] : loud[-1] + 1], np.float32)


def room_tone(n_samples: int, rng: np.random.Generator) -> Sound:
    """Faint low-pass noise, as of a ventilator."""
    white = rng.standard_normal(n_samples + 64)
    noise = np.convolve(white, np.hanning(64), mode="valid")[:n_samples]
    return np.asarray(noise / noise.std() * 10 ** (ROOM_TONE_DBFS / 20), np.float32)


def loudness(
    sound: Sound, times_s: NDArray[np.float64], window_s: float = 0.05
) -> NDArray[np.float64]:
    """Root mean square of ``sound`` in windows centred at ``times_s``."""
    half = int(window_s * SAMPLE_RATE / 2)
    energy = np.concatenate([[0.0], np.cumsum(sound.astype(np.float64) ** 2)])
    centres = np.round(times_s * SAMPLE_RATE).astype(int)
    first, last = (np.clip(centres + side, 0, len(sound)) for side in (-half, half))
    return np.sqrt((energy[last] - energy[first]) / np.maximum(last - first, 1))


def speech_intervals(sound: Sound) -> list[tuple[float, float]]:
    """Start and end, in seconds, of passages above the silence, bridging gaps below 0.3 s."""
    step_s = 0.01
    times_s = np.arange(0, len(sound) / SAMPLE_RATE, step_s)
    voiced_s = times_s[loudness(sound, times_s, 0.02) > 10 ** (SILENCE_DBFS / 20)]
    breaks = np.flatnonzero(np.diff(voiced_s) > MAX_GAP_S)
    starts = voiced_s[np.concatenate([[0], breaks + 1])]
    ends = voiced_s[np.concatenate([breaks, [len(voiced_s) - 1]])] + step_s
    return [(round(float(a), 2), round(float(b), 2)) for a, b in zip(starts, ends, strict=True)]
