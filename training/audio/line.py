"""The way of a voice into a meeting: room, microphone, codec, network."""

from dataclasses import dataclass
from io import BytesIO
from typing import ClassVar

import numpy as np
import soundfile
from numpy.typing import NDArray
from pydantic import ConfigDict
from scipy.signal import fftconvolve

from hoovik.layout import SAMPLE_RATE

PACKET = SAMPLE_RATE // 50
"""Samples of a packet of 20 ms, as browsers send."""

FADE = SAMPLE_RATE // 200
"""Samples over which a repeated packet sinks by half, as concealment does."""

DIRECT_DB = (0.0, 18.0)
"""How far the direct sound stands above the room's."""


@dataclass(frozen=True, slots=True)
class Line:
    """How often and how far a training window is changed on its way.

    Attributes:
        room_share, decay_s: share with a room around it, and the range of its T60 in seconds.
        gain_share, gain_db: share with another gain, and its range; what passes full scale is cut.
        codec_share, codec_effort: share through Opus, and the range of soundfile's
            `compression_level`, 1 being the smallest file.
        loss_share, lost: share with lost packets, and the largest share of packets lost.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    room_share: float = 0.3
    decay_s: tuple[float, float] = (0.15, 0.8)
    gain_share: float = 0.4
    gain_db: tuple[float, float] = (-20.0, 20.0)
    codec_share: float = 0.3
    codec_effort: tuple[float, float] = (0.3, 1.0)
    loss_share: float = 0.2
    lost: float = 0.15


def through_line(
    window: NDArray[np.float32], how: Line, rng: np.random.Generator
) -> NDArray[np.float32]:
    """A window (n,) at 16 kHz as the far end of a meeting hears it."""
    if rng.random() < how.room_share:
        window = in_room(window, rng.uniform(*how.decay_s), rng.uniform(*DIRECT_DB), rng)
    if rng.random() < how.gain_share:
        window = np.clip(window * np.float32(10 ** (rng.uniform(*how.gain_db) / 20)), -1, 1)
    if rng.random() < how.codec_share:
        window = through_opus(window, rng.uniform(*how.codec_effort))
    if rng.random() < how.loss_share:
        n_packets = -(-window.size // PACKET)
        window = without(window, rng.random(n_packets) < rng.uniform(0, how.lost))
    return window


def in_room(
    window: NDArray[np.float32], decay_s: float, direct_db: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """A window in a room of exponentially decaying noise (Polack 1988), as loud as before.

    Args:
        window: (n,) at 16 kHz.
        decay_s: time in which the room's sound falls by 60 dB.
        direct_db: power of the direct sound over that of the room's.
        rng: draws the noise.
    """
    times_s = np.arange(int(decay_s * SAMPLE_RATE)) / SAMPLE_RATE
    tail = rng.standard_normal(times_s.size) * 10 ** (-3 * times_s / decay_s)
    response = tail * 10 ** (-direct_db / 20) / np.sqrt(np.square(tail).sum())
    response[0] = 1.0
    sound = fftconvolve(window, response)[: window.size]
    power, wanted = np.square(sound).mean(), np.square(window, dtype=np.float64).mean()
    return np.asarray(sound * np.sqrt(wanted / max(power, 1e-12)), np.float32)


def through_opus(window: NDArray[np.float32], effort: float) -> NDArray[np.float32]:
    """A window (n,) at 16 kHz through Opus; `effort` 0 to 1, 1 being the smallest file."""
    packed = BytesIO()
    soundfile.write(
        packed, window, SAMPLE_RATE, format="OGG", subtype="OPUS", compression_level=effort
    )
    packed.seek(0)
    heard, _ = soundfile.read(packed, dtype="float32")
    return np.resize(heard[: window.size], window.size)


def without(window: NDArray[np.float32], lost: NDArray[np.bool_]) -> NDArray[np.float32]:
    """A window (n,) without some of its packets: each repeats the one before and fades out.

    Args:
        window: (n,) at 16 kHz.
        lost: (ceil(n / 320),) by packet.
    """
    heard = np.pad(window, (0, lost.size * PACKET - window.size)).reshape(lost.size, PACKET)
    fade = np.float32(0.5) ** (np.arange(PACKET, dtype=np.float32) / FADE)
    for number in np.flatnonzero(lost):
        heard[number] = heard[number - 1] * fade if number else 0
    return heard.reshape(-1)[: window.size]
