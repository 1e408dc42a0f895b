"""Media files made frame by frame, of which a test knows what is to be seen and heard when."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

CLOCK = Fraction(1, 1_000)
TONE_S = 0.2


def decoded(jpeg: bytes) -> NDArray[np.uint8]:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture


def grey(number: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """A picture that brightens by 4 from one to the next, so that its shade tells its number."""
    return np.full((size[1], size[0], 3), 20 + 4 * number % 232, np.uint8)


def number_of(jpeg: bytes) -> int:
    """Number of a grey picture, of the first 58 in a file."""
    return round((float(decoded(jpeg).mean()) - 19.5) / 4)


def tones(
    seconds: float, starts_s: Sequence[float], *, rate: int = 48_000, level: float = 0.5
) -> NDArray[np.float32]:
    """Silence (n,) with a tone of 440 Hz for 0.2 s at each of the times."""
    at_s = np.arange(round(seconds * rate)) / rate
    heard = np.any([(at_s >= start) & (at_s < start + TONE_S) for start in starts_s], axis=0)
    return (level * heard * np.sin(2 * np.pi * 440 * at_s)).astype(np.float32)


def on_time(_: float) -> float:
    return 0.0


@dataclass(frozen=True)
class Pictures:
    """A track of pictures, each at its time in seconds.

    Attributes:
        lasts_s: how long the last one stays.
        degrees: by which a player is to turn them, counter-clockwise.
        paint: makes a picture (height, width, 3) of its number and its size.
    """

    times_s: Sequence[float]
    codec: str = "mpeg4"
    size: tuple[int, int] = (64, 64)
    lasts_s: float = 0.1
    degrees: int = 0
    cover: bool = False
    paint: Callable[[int, tuple[int, int]], NDArray[np.uint8]] = grey

    def into(self, container: Any) -> Iterator[Any]:
        options = {"preset": "ultrafast"} if self.codec == "libx264" else {}
        stream = container.add_stream(self.codec, rate=25, options=options)
        stream.width, stream.height = self.size
        stream.pix_fmt = "yuvj420p" if self.codec == "mjpeg" else "yuv420p"
        stream.bit_rate = 2_000_000
        stream.codec_context.time_base = CLOCK
        if self.degrees:
            stream.set_display_rotation(self.degrees)
        if self.cover:
            stream.disposition = av.stream.Disposition.attached_pic
        return self._packets(stream)

    def _packets(self, stream: Any) -> Iterator[Any]:
        packets = []
        for number, time_s in enumerate(self.times_s):
            picture = av.VideoFrame.from_ndarray(self.paint(number, self.size), format="rgb24")
            picture.pts, picture.time_base = round(time_s / CLOCK), CLOCK
            packets += stream.encode(picture)
        packets += stream.encode()
        packets[-1].duration = round(self.lasts_s / packets[-1].time_base)
        yield from packets


def film(seconds: float, *, fps: int = 25, size: tuple[int, int] = (320, 240)) -> Pictures:
    """Grey pictures at an even rate."""
    times_s = [number / fps for number in range(round(seconds * fps))]
    return Pictures(times_s, size=size, lasts_s=1 / fps)


@dataclass(frozen=True)
class Sound:
    """A track of sound.

    Attributes:
        samples: (n,) or (channels, n), from time 0.
        late: by how many seconds what is heard at a time in seconds comes later in the file.
    """

    samples: NDArray[np.float32]
    codec: str = "pcm_s16le"
    rate: int = 48_000
    layout: str = "mono"
    late: Callable[[float], float] = on_time
    default: bool = True

    def into(self, container: Any) -> Iterator[Any]:
        stream = container.add_stream(self.codec, rate=self.rate, layout=self.layout)
        stream.disposition = av.stream.Disposition.default if self.default else 0
        return self._packets(stream)

    def _packets(self, stream: Any) -> Iterator[Any]:
        for sound in [*self._frames(), None]:
            for packet in stream.encode(sound):
                late_s = self.late(float(packet.pts * packet.time_base))
                packet.pts += round(late_s / packet.time_base)
                packet.dts = packet.pts
                yield packet

    def _frames(self) -> Iterator[Any]:
        samples = np.atleast_2d(self.samples).astype(np.float32)
        for start in range(0, samples.shape[1], 960):
            piece = np.ascontiguousarray(samples[:, start : start + 960])
            sound = av.AudioFrame.from_ndarray(piece, format="fltp", layout=self.layout)
            sound.sample_rate, sound.time_base = self.rate, Fraction(1, self.rate)
            sound.pts = start
            yield sound


def write(
    file: Path,
    *tracks: Pictures | Sound,
    movflags: str | None = None,
    container: str | None = None,
) -> Path:
    """Write tracks into a file, interleaved by their times."""
    options = {"movflags": movflags} if movflags else {}
    with av.open(str(file), "w", format=container, options=options) as output:
        begun = [track.into(output) for track in tracks]
        packets = [packet for track in begun for packet in track]
        for packet in sorted(packets, key=lambda one: one.dts * one.time_base):
            output.mux(packet)
    return file
