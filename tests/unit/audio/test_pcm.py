"""What comes in as sound, and what is refused: every answer is a chunk or a `HoovikError`."""

import tracemalloc
from io import BytesIO

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hoovik.audio.pcm import AudioChunk, PcmEncoding, decode_audio
from hoovik.errors import AudioError, AudioTooLargeError, HoovikError
from hoovik.settings import AudioSettings

SETTINGS = AudioSettings()
TONE = (0.5 * np.sin(2 * np.pi * 440 * np.arange(4800) / 48_000)).astype(np.float32)


def container(
    samples: NDArray[np.floating], rate: int, kind: str, subtype: str | None = None
) -> bytes:
    file = BytesIO()
    soundfile.write(file, samples, rate, format=kind, subtype=subtype)
    return file.getvalue()


CONTAINERS = {
    "WAV": container(TONE, 48_000, "WAV"),
    "FLAC": container(TONE, 48_000, "FLAC"),
    "OGG": container(TONE, 48_000, "OGG", "VORBIS"),
    "Opus": container(TONE, 48_000, "OGG", "OPUS"),
}


def test_float_pcm_is_taken_as_it_is() -> None:
    chunk = decode_audio(np.array([0.0, 0.25, -1.0], "<f4").tobytes(), SETTINGS)
    assert chunk.samples.tolist() == [0.0, 0.25, -1.0]
    assert chunk.samples.dtype == np.float32
    assert chunk.sample_rate == 16_000


def test_sixteen_bit_pcm_is_divided_by_32768() -> None:
    data = np.array([0, 16_384, -32_768, 32_767], "<i2").tobytes()
    chunk = decode_audio(data, SETTINGS, encoding="s16le", sample_rate=44_100)
    assert chunk.samples.tolist() == [0.0, 0.5, -1.0, 32_767 / 32_768]
    assert chunk.sample_rate == 44_100


def test_a_little_over_full_scale_is_clipped() -> None:
    chunk = decode_audio(np.array([1.5, -8.0, 0.5], "<f4").tobytes(), SETTINGS)
    assert chunk.samples.tolist() == [1.0, -1.0, 0.5]


@pytest.mark.parametrize(
    ("kind", "tolerance"), [("WAV", 2**-15), ("FLAC", 2**-15), ("OGG", 0.05), ("Opus", 0.05)]
)
def test_containers_are_known_by_their_first_bytes(kind: str, tolerance: float) -> None:
    chunk = decode_audio(CONTAINERS[kind], SETTINGS, sample_rate=8_000)
    assert chunk.sample_rate == 48_000
    assert chunk.samples.size == TONE.size
    inner = slice(960, -960)
    assert np.abs(chunk.samples[inner] - TONE[inner]).max() <= tolerance


def test_stereo_is_mixed_down_to_the_mean_of_both_channels() -> None:
    both = np.column_stack([np.full(100, 0.5), np.full(100, -0.25)])
    chunk = decode_audio(container(both, 16_000, "WAV", "FLOAT"), SETTINGS)
    assert chunk.samples == pytest.approx(np.full(100, 0.125))


def test_a_container_of_thirty_seconds_is_still_read() -> None:
    silence = container(np.zeros(30 * 8_000), 8_000, "FLAC")
    assert decode_audio(silence, SETTINGS).samples.size == 240_000


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        pytest.param(b"", "f32le", id="empty"),
        pytest.param(b"", "s16le", id="empty 16-bit"),
        pytest.param(b"", "auto", id="empty of unknown kind"),
        pytest.param(b"\0" * 401, "f32le", id="a quarter of a sample too much"),
        pytest.param(b"\0" * 401, "s16le", id="half a sample too much"),
        pytest.param(b"the quick brown fox jumps over the lazy dog.", "auto", id="text"),
        pytest.param(np.array([0, np.nan], "<f4").tobytes(), "auto", id="not a number"),
        pytest.param(np.array([0, np.inf], "<f4").tobytes(), "auto", id="infinity"),
        pytest.param(np.array([0, -np.inf], "<f4").tobytes(), "auto", id="minus infinity"),
        pytest.param(np.array([0, 8.5], "<f4").tobytes(), "auto", id="far over full scale"),
        pytest.param(np.array([0, 32_767], "<f4").tobytes(), "auto", id="integers as floats"),
        pytest.param(b"RIFF\0\0\0\0WAVE", "auto", id="a WAV header alone"),
        pytest.param(CONTAINERS["FLAC"][:20], "auto", id="a FLAC header cut off"),
        pytest.param(CONTAINERS["OGG"][:50], "auto", id="an Ogg header cut off"),
        pytest.param(container(np.zeros(0), 16_000, "WAV"), "auto", id="a WAV without samples"),
        pytest.param(
            container(np.array([0, np.nan, 0]), 16_000, "WAV", "FLOAT"), "auto", id="NaN in a WAV"
        ),
        pytest.param(container(np.zeros((9, 3)), 16_000, "WAV"), "auto", id="three channels"),
        pytest.param(container(np.zeros(9), 2_000, "WAV"), "auto", id="a WAV at 2 kHz"),
    ],
)
def test_what_is_no_sound_is_bad_audio(data: bytes, encoding: PcmEncoding) -> None:
    with pytest.raises(AudioError) as refusal:
        decode_audio(data, SETTINGS, encoding=encoding)
    assert refusal.value.code == "BAD_AUDIO"


@pytest.mark.parametrize("rate", [-1, 0, 3_999, 192_001])
def test_a_rate_out_of_range_is_bad_audio(rate: int) -> None:
    with pytest.raises(AudioError, match=str(rate)):
        decode_audio(b"\0" * 400, SETTINGS, sample_rate=rate)


@pytest.mark.parametrize("encoding", ["f32le", "s16le", "auto"])
def test_one_byte_too_many_is_too_large(encoding: PcmEncoding) -> None:
    settings = AudioSettings(max_bytes=400)
    assert decode_audio(b"\0" * 400, settings, encoding=encoding).samples.size >= 100
    with pytest.raises(AudioTooLargeError) as refusal:
        decode_audio(b"\0" * 404, settings, encoding=encoding)
    assert refusal.value.code == "AUDIO_TOO_LARGE"
    assert "404" in refusal.value.message
    assert "400" in refusal.value.message


def test_a_minute_of_silence_in_a_few_kilobytes_is_too_large() -> None:
    minute = container(np.zeros(60 * 16_000), 16_000, "FLAC")
    assert len(minute) < 20_000
    with pytest.raises(AudioTooLargeError, match="30 s"):
        decode_audio(minute, SETTINGS)


def test_no_more_of_a_container_is_decoded_than_its_limit() -> None:
    five_minutes = container(np.zeros(300 * 16_000, np.int16), 16_000, "FLAC")
    tracemalloc.start()
    with pytest.raises(AudioTooLargeError):
        decode_audio(five_minutes, SETTINGS)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Half a minute of float32 is 1.9 MB, five minutes are 19 MB.
    assert peak_bytes < 8e6


def test_a_named_encoding_is_never_taken_for_a_container() -> None:
    data = CONTAINERS["WAV"]
    chunk = decode_audio(data, SETTINGS, encoding="s16le")
    assert chunk.samples.size == len(data) // 2


def answers(data: bytes, encoding: PcmEncoding) -> None:
    try:
        chunk = decode_audio(data, SETTINGS, encoding=encoding)
    except HoovikError:
        return
    assert isinstance(chunk, AudioChunk)
    assert chunk.samples.dtype == np.float32
    assert chunk.samples.ndim == 1
    assert chunk.samples.size
    assert np.abs(chunk.samples).max() <= 1
    assert 4_000 <= chunk.sample_rate <= 192_000


@given(data=st.binary(max_size=300), encoding=st.sampled_from(["f32le", "s16le", "auto"]))
def test_any_bytes_are_sound_or_refused(data: bytes, encoding: PcmEncoding) -> None:
    answers(data, encoding)


@given(
    head=st.sampled_from([b"fLaC", b"OggS", b"RIFF\xff\xff\xff\xffWAVEfmt "]),
    body=st.binary(max_size=300),
)
def test_any_bytes_behind_a_known_beginning_are_sound_or_refused(head: bytes, body: bytes) -> None:
    answers(head + body, "auto")


@given(
    kind=st.sampled_from(sorted(CONTAINERS)),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
    kept=st.floats(0, 1),
)
def test_a_damaged_container_is_sound_or_refused(
    kind: str, changes: list[tuple[float, int]], kept: float
) -> None:
    data = bytearray(CONTAINERS[kind])
    for place, value in changes:
        # Squared, because the headers at the beginning are where the damage can be done.
        data[int(place**2 * len(data))] = value
    answers(bytes(data[: int(kept * len(data)) + 1]), "auto")


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG"])
@pytest.mark.parametrize("seconds", [0.5, 2.0, 7.0, 30.0])
def test_of_a_long_container_the_newest_part_is_kept(kind: str, seconds: float) -> None:
    rising = np.linspace(-0.9, 0.9, int(8_000 * seconds))
    chunk = decode_audio(container(rising, 8_000, kind), SETTINGS, newest_s=2.0)
    assert chunk.samples.size == 8_000 * min(2.0, seconds)
    if kind != "OGG":
        assert chunk.samples == pytest.approx(rising[-chunk.samples.size :], abs=1e-3)


def test_a_long_container_takes_the_memory_of_what_is_kept() -> None:
    silence = container(np.zeros(30 * 192_000), 192_000, "FLAC")
    tracemalloc.start()
    decode_audio(silence, SETTINGS, newest_s=1.0)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 6 * 4 * 192_000
