import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from hoovik.audio.resample import StreamResampler


def in_chunks(samples: NDArray[np.float32], rate: int, chunk: int) -> NDArray[np.float32]:
    stream = StreamResampler(rate)
    parts = [stream.push(samples[at : at + chunk]) for at in range(0, samples.size, chunk)]
    return np.concatenate(parts)


@pytest.mark.parametrize(
    ("rate", "missing_s"), [(48_000, 0.04), (44_100, 0.04), (22_050, 0.04), (8_000, 0.2)]
)
def test_chunks_of_100_ms_make_what_the_whole_clip_makes(rate: int, missing_s: float) -> None:
    noise = np.random.default_rng(0).standard_normal(3 * rate).astype(np.float32)
    streamed = in_chunks(noise, rate, rate // 10)
    whole = soxr.resample(noise, rate, 16_000, quality="HQ")
    assert whole.size - streamed.size < missing_s * 16_000
    assert np.abs(streamed - whole[: streamed.size]).max() < 1e-6


@pytest.mark.parametrize("chunk", [1, 127, 4800, 48_000])
def test_how_the_stream_is_cut_does_not_matter(chunk: int) -> None:
    noise = np.random.default_rng(0).standard_normal(9_600).astype(np.float32)
    streamed = in_chunks(noise, 48_000, chunk)
    whole = soxr.resample(noise, 48_000, 16_000, quality="HQ")
    assert np.abs(streamed - whole[: streamed.size]).max() < 1e-6


def test_a_tone_stays_a_tone_across_the_seams() -> None:
    rate, pitch_hz = 48_000, 1_000
    tone = np.sin(2 * np.pi * pitch_hz * np.arange(3 * rate) / rate).astype(np.float32)
    heard = in_chunks(tone, rate, rate // 10)[8_000 : 8_000 + 32_000]
    spectrum = np.abs(np.fft.rfft(heard * np.blackman(heard.size)))
    hz = np.fft.rfftfreq(heard.size, 1 / 16_000)
    assert hz[spectrum.argmax()] == pitch_hz
    beside = spectrum[np.abs(hz - pitch_hz) > 5]
    # A click at every seam would fill the spectrum at about -60 dB.
    assert 20 * np.log10(beside.max() / spectrum.max()) < -100


def test_what_lies_above_8_khz_does_not_fold_back() -> None:
    rate = 48_000
    whistle = np.sin(2 * np.pi * 11_000 * np.arange(rate) / rate).astype(np.float32)
    heard = in_chunks(whistle, rate, rate // 10)
    assert np.abs(heard[1_600:]).max() < 1e-4


def test_sixteen_kilohertz_pass_through_undelayed() -> None:
    noise = np.random.default_rng(0).standard_normal(4_800).astype(np.float32)
    assert np.array_equal(in_chunks(noise, 16_000, 1_600), noise)
