"""A media file as a stream of what a meeting client would send, in bounded memory."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from hoovik.errors import MediaError
from hoovik.layout import SAMPLE_RATE

SHORT_S = 2.0
SHORT_SHARE = 0.02
"""A file that is shorter than it says by more than this was cut off."""

GAP_S = 0.1
"""Sound that is missing for longer leaves silence; less is what timestamps are off by."""

MAX_GAP_S = 3_600.0
"""Timestamps that leap further are damage: a few bytes must not ask for years of silence."""

RATES = range(1_000, 1_000_001)
"""Sampling rates in Hz. Others are damage too: sound would become hours, or a filter gigabytes."""

MAX_PIXELS = 2**26
"""Of a picture, twice as many as 8K has; a few bytes of a larger one ask for gigabytes."""

SILENCE_S = 10.0
"""Silence is given in pieces of this length."""

WITHOUT_LENGTH = frozenset({"mp3", "aac", "ac3", "mpeg", "mpegts", "h264", "hevc"})
"""Formats whose length FFmpeg estimates from the bit rate; a file may well be shorter."""

TEXT = frozenset({"tty"})
"""Formats as which FFmpeg would show a text."""


@dataclass(frozen=True, slots=True)
class SoundPart:
    """Sound (n,) float32 in [-1, 1] at 16 kHz that begins at a time of the file."""

    time_s: float
    samples: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ClipFrame:
    """One frame, encoded, at its time from the start of the file."""

    time_s: float
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a file says of itself.

    Attributes:
        duration_s: None where it does not say.
        has_sound: whether it has a track of sound.
        has_pictures: whether it has a track of pictures; a song's cover is none.
    """

    duration_s: float | None
    has_sound: bool
    has_pictures: bool


@dataclass(frozen=True, slots=True)
class Look:
    """How pictures are taken from a video.

    Attributes:
        fps: frames a second; each is the first picture from its time on.
        width, height: frames are scaled down to fit into these, their aspect ratio kept.
        jpeg_quality: 1 to 100.
    """

    fps: float = 5.0
    width: int = 640
    height: int = 360
    jpeg_quality: int = 80


def stream_media(
    source: Path | BinaryIO, look: Look, *, skip_until_s: float = 0.0
) -> Iterator[SoundPart | ClipFrame]:
    """Parts of a file in the order in which it holds them; each kind in the order of its times.

    Time 0 is that of the first sample or picture. Sound is the mean of the channels of the file's
    best track, without gaps: where it has one, silence takes its place. A packet that cannot be
    decoded is left out, as by a player.

    Args:
        source: a path or an open file, any container and codec that FFmpeg knows.
        look: rate and size of the pictures.
        skip_until_s: what ends before is decoded, but not given; the rest is the same as without.

    Raises:
        MediaError: not a media file, damaged, shorter than it says of itself, or with nothing that
            can be decoded; what came before the damage has been given by then.
    """
    with _opened(source) as container:
        try:
            yield from _parts(container, look, skip_until_s)
        except MediaError:
            raise
        except Exception as error:  # whatever a codec, a picture or a remote file system raises
            raise MediaError(f"the media file cannot be read further: {error}") from error


def probe(source: Path | BinaryIO) -> MediaInfo:
    """What a file says of itself; raises MediaError where it is no media file."""
    with _opened(source) as container:
        return MediaInfo(
            container.duration / av.time_base if (container.duration or 0) > 0 else None,
            has_sound=bool(container.streams.audio),
            has_pictures=_picture_stream(container) is not None,
        )


@contextmanager
def _opened(source: Path | BinaryIO) -> Iterator[Any]:
    try:
        if isinstance(source, Path):
            # A colon in its name makes no protocol of what stands before.
            container = _open(f"file:{source}", protocols="file")
        else:
            source.seek(0)
            # A playlist could name other files of this machine or its network: none is opened.
            container = _open(source, protocols="")
    except Exception as error:  # whatever FFmpeg or a remote file system raises
        raise MediaError(f"the media file cannot be read: {error}") from error
    with container:
        if container.format.name in TEXT:
            raise MediaError("the media file cannot be read: it is a text")
        yield container


def _open(source: str | BinaryIO, *, protocols: str) -> Any:
    # The mode is said, because an upload's file says that it is open for writing too. Titles may be
    # in any encoding; nobody reads them here.
    options = {"protocol_whitelist": protocols}
    return av.open(source, "r", options=options, metadata_errors="replace")


def _parts(container: Any, look: Look, skip_until_s: float) -> Iterator[SoundPart | ClipFrame]:
    pictures, sounds = _picture_stream(container), container.streams.best("audio")
    streams = [stream for stream in (pictures, sounds) if stream is not None]
    decoder = None if pictures is None else pictures.codec_context  # none for an unknown codec
    if decoder is not None and decoder.width * decoder.height > MAX_PIXELS:
        raise MediaError(f"pictures of {decoder.width}x{decoder.height} pixels are too large")
    track, taken, start_s, last_s, end_s = _SoundTrack(), -1, None, 0.0, 0.0
    for frame in _frames(container, streams):
        if start_s is None:
            start_s = _start_s(streams, frame)
        at_s = last_s if frame.time is None else max(0.0, frame.time - start_s)
        if at_s - last_s > MAX_GAP_S:
            raise MediaError(f"the file's clock leaps from {last_s:.1f} s to {at_s:.1f} s")
        if isinstance(frame, av.AudioFrame):
            yield from _from(skip_until_s, track.push(frame, at_s))
            last_s = max(last_s, at_s + frame.samples / frame.sample_rate)
            continue
        last_s = max(last_s, at_s)
        # The last picture may well stay for longer than a file may be too short.
        end_s = max(end_s, at_s + float((frame.duration or 0) * frame.time_base))
        due = int(at_s * look.fps + 1e-6)
        if due > taken:
            taken = due
            if due / look.fps >= skip_until_s:
                yield ClipFrame(due / look.fps, _jpeg(frame, look))
    yield from _from(skip_until_s, track.end())
    if start_s is None:
        raise MediaError("the file has neither sound nor pictures that can be decoded")
    end_s, promised_s = max(end_s, last_s), _end_s(container, streams) - start_s
    if promised_s - end_s > max(SHORT_S, SHORT_SHARE * promised_s):
        raise MediaError(f"the file ends at {end_s:.1f} s and says it lasts {promised_s:.1f} s")


def _start_s(streams: list[Any], first: Any) -> float:
    """When the file begins on its own clock, given the first frame that comes out of a decoder.

    Streams may start apart, and none at zero; the first to be decoded need not be the earliest.
    """
    starts = [one.start_time * one.time_base for one in streams if one.start_time is not None]
    if first.time is not None:
        starts.append(first.time)
    return float(min(starts, default=0.0))


def _end_s(container: Any, streams: list[Any]) -> float:
    """When the file says that it ends, on its own clock; 0 where it does not."""
    if WITHOUT_LENGTH.intersection(container.format.name.split(",")):
        return 0.0
    if all(one.duration for one in streams):
        return max(float(((one.start_time or 0) + one.duration) * one.time_base) for one in streams)
    return float((container.duration or 0) / av.time_base)


def _frames(container: Any, streams: list[Any]) -> Iterator[Any]:
    """Decoded frames, without the packets that cannot be decoded."""
    for packet in container.demux(*streams) if streams else ():
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            continue
        yield from frames


def _from(start_s: float, parts: Iterable[SoundPart]) -> Iterator[SoundPart]:
    return (part for part in parts if part.time_s + part.samples.size / SAMPLE_RATE > start_s)


def _picture_stream(container: Any) -> Any:
    """The first video that moves: a song's cover is a video stream of one picture."""
    covers = av.stream.Disposition.attached_pic
    moving = [one for one in container.streams.video if not one.disposition & covers]
    return moving[0] if moving else None


class _SoundTrack:
    """One continuous track at 16 kHz, made of frames that may leave gaps or change their format."""

    def __init__(self) -> None:
        self._resampler: Any = None
        self._format: tuple[str, str, int] | None = None
        self._position = 0
        self._end_s = 0.0

    def push(self, frame: Any, at_s: float) -> Iterator[SoundPart]:
        """Take in a frame that begins at a time."""
        if frame.sample_rate not in RATES:
            raise MediaError(f"the sound is sampled at {frame.sample_rate} Hz")
        shape = frame.format.name, frame.layout.name, frame.sample_rate
        if shape != self._format or at_s - self._end_s > GAP_S:
            yield from self.end()
            self._resampler, self._format = av.AudioResampler("flt", None, SAMPLE_RATE), shape
            missing = round(at_s * SAMPLE_RATE) - self._position
            if self._position == 0 or missing > GAP_S * SAMPLE_RATE:
                yield from self._silence(missing)
            self._end_s = self._position / SAMPLE_RATE
        # What the track holds, not what the frame says: many small gaps make a large one.
        self._end_s += frame.samples / frame.sample_rate
        for part in self._resampler.resample(frame):
            yield from self._given(_mono(part))

    def end(self) -> Iterator[SoundPart]:
        """What the filter still holds."""
        if self._resampler is not None:
            for part in self._resampler.resample(None):
                yield from self._given(_mono(part))
            self._resampler = None

    def _silence(self, missing: int) -> Iterator[SoundPart]:
        while missing > 0:
            piece = min(missing, round(SILENCE_S * SAMPLE_RATE))
            yield from self._given(np.zeros(piece, np.float32))
            missing -= piece

    def _given(self, samples: NDArray[np.float32]) -> Iterator[SoundPart]:
        if not np.isfinite(samples).all():
            raise MediaError("the sound holds values that are not finite")
        if samples.size:
            part = SoundPart(self._position / SAMPLE_RATE, samples.clip(-1, 1))
            self._position += samples.size
            yield part


def _mono(part: Any) -> NDArray[np.float32]:
    """The mean of the channels, as for chunks; FFmpeg's own mix is 3 dB louder, and may clip."""
    # Channels come interleaved: PyAV reads planes of eight and more beyond their end.
    samples = part.to_ndarray().reshape(-1, part.layout.nb_channels)
    mixed: NDArray[np.float32] = np.ascontiguousarray(samples.T).mean(axis=0)
    return mixed


def _jpeg(frame: Any, look: Look) -> bytes:
    image = frame.to_ndarray(format="bgr24")
    quarter_turns = round(frame.rotation / 90) % 4  # counter-clockwise, as the file asks
    if quarter_turns:
        image = np.ascontiguousarray(np.rot90(image, quarter_turns))
    scale = min(1.0, look.width / image.shape[1], look.height / image.shape[0])
    if scale < 1:
        size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    encoded, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, look.jpeg_quality])
    if not encoded:
        raise MediaError(f"a frame of {image.shape[1]}x{image.shape[0]} pixels cannot be encoded")
    return jpeg.tobytes()
