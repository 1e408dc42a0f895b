from dataclasses import dataclass
from io import BytesIO
from typing import Literal

import numpy as np
import soundfile
from numpy.typing import NDArray

from hoovik.errors import AudioError, AudioTooLargeError
from hoovik.layout import SAMPLE_RATE
from hoovik.settings import AudioSettings

PcmEncoding = Literal["f32le", "s16le", "auto"]

MIN_SAMPLE_RATE_HZ = 4_000
MAX_SAMPLE_RATE_HZ = 192_000
MAX_CONTAINER_S = 30.0
MAX_CHANNELS = 2
MAX_MAGNITUDE = 8.0
"""Float sound overshoots 1 a little; beyond 8 the bytes are text, integers or a damaged stream."""


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """Decoded sound.

    Attributes:
        samples: (n,) float32, mono, in [-1, 1]; n >= 1.
        sample_rate: in Hz.
    """

    samples: NDArray[np.float32]
    sample_rate: int


def decode_audio(
    data: bytes,
    settings: AudioSettings,
    *,
    sample_rate: int = SAMPLE_RATE,
    encoding: PcmEncoding = "auto",
    newest_s: float = MAX_CONTAINER_S,
) -> AudioChunk:
    """Decode one audio message.

    Args:
        data: raw mono PCM, or with "auto" also a WAV, FLAC or Ogg file, known by its first bytes.
        settings: for `max_bytes`.
        sample_rate: rate of raw PCM in Hz, 4,000 to 192,000; a container tells its own.
        encoding: "auto" takes what is no container for float32 little-endian.
        newest_s: of longer sound only its newest part is kept, so many seconds.

    Returns:
        The sound at its own rate, containers mixed down to mono. Samples a little over full scale
        are clipped.

    Raises:
        AudioTooLargeError: more than `max_bytes`, or a container of more than 30 s.
        AudioError: no sound, half a sample, an unreadable container, samples that are not finite
            or beyond a magnitude of 8, a rate out of range, more than two channels.
    """
    check_size(data, settings)
    if is_container(data, encoding):
        return _decode_container(data, newest_s)
    _check_rate(sample_rate)
    decode = _decode_s16 if encoding == "s16le" else _decode_f32
    return AudioChunk(_checked(decode(data, int(newest_s * sample_rate))), sample_rate)


def check_size(data: bytes, settings: AudioSettings) -> None:
    """Raise AudioTooLargeError for more than `max_bytes`."""
    if len(data) > settings.max_bytes:
        raise AudioTooLargeError(
            f"audio of {len(data)} bytes; at most {settings.max_bytes} bytes a message"
        )


def is_container(data: bytes, encoding: PcmEncoding) -> bool:
    """Whether this is a WAV, FLAC or Ogg file; decoding one takes up to 0.4 s, PCM next to nothing."""
    magic = data[:4]
    known = magic in (b"fLaC", b"OggS") or (magic == b"RIFF" and data[8:12] == b"WAVE")
    return encoding == "auto" and known


def _decode_f32(data: bytes, newest: int) -> NDArray[np.float32]:
    if len(data) % 4:
        raise AudioError(f"{len(data)} bytes of float32 PCM; the count must be a multiple of 4")
    return np.frombuffer(data, dtype="<f4")[-newest:]


def _decode_s16(data: bytes, newest: int) -> NDArray[np.float32]:
    if len(data) % 2:
        raise AudioError(f"{len(data)} bytes of 16-bit PCM; the count must be a multiple of 2")
    return np.frombuffer(data, dtype="<i2")[-newest:].astype(np.float32) / np.float32(32_768)


def _decode_container(data: bytes, newest_s: float) -> AudioChunk:
    try:
        with soundfile.SoundFile(BytesIO(data)) as file:
            rate, channels = int(file.samplerate), int(file.channels)
            _check_rate(rate)
            if channels > MAX_CHANNELS:
                raise AudioError(f"{channels} audio channels; mono or stereo expected")
            frames = _newest_frames(file, int(MAX_CONTAINER_S * rate), int(newest_s * rate))
    except soundfile.SoundFileError as error:
        raise AudioError(
            f"audio container of {len(data)} bytes cannot be read ({error}); "
            "WAV, FLAC or Ogg expected"
        ) from error
    return AudioChunk(_checked(frames.mean(axis=1, dtype=np.float32)), rate)


def _newest_frames(file: soundfile.SoundFile, most: int, newest: int) -> NDArray[np.float32]:
    # A header can claim any length and a few kilobytes of FLAC can hold an hour of silence: read
    # one sample past the limit, never what the file says it holds, and keep no more than asked for.
    kept: list[NDArray[np.float32]] = []
    read = 0
    while True:
        block = file.read(min(newest, most + 1 - read), dtype="float32", always_2d=True)
        read += len(block)
        if read > most:
            raise AudioTooLargeError(f"audio container of more than {MAX_CONTAINER_S:g} s")
        kept = [*kept[-1:], block]
        if len(block) < newest:
            return np.concatenate(kept)[-newest:]


def _check_rate(sample_rate: int) -> None:
    if not MIN_SAMPLE_RATE_HZ <= sample_rate <= MAX_SAMPLE_RATE_HZ:
        raise AudioError(
            f"sample rate {sample_rate} Hz; {MIN_SAMPLE_RATE_HZ} to {MAX_SAMPLE_RATE_HZ} expected"
        )


def _checked(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    if samples.size == 0:
        raise AudioError("no audio samples; at least one expected")
    # NaN fails every comparison, so one test covers it, infinity and wild values.
    peak = float(np.abs(samples).max())
    if not peak <= MAX_MAGNITUDE:
        raise AudioError(
            f"audio samples reach {peak:g}; float32 PCM in [-1, 1] expected "
            "(16-bit PCM needs the encoding s16le)"
        )
    return np.clip(samples, -1, 1).astype(np.float32, copy=False)
