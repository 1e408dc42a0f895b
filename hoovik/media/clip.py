"""A media file as a meeting client would send it: 16 kHz sound and JPEG frames at a fixed rate."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from hoovik.errors import MediaError
from hoovik.layout import SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class ClipFrame:
    """One frame, encoded, at its time from the start of the clip."""

    time_s: float
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Clip:
    """What a file shows and says.

    Attributes:
        audio: (n,) float32 in [-1, 1] at 16 kHz from time 0; empty where the file has no sound.
        frames: at even distances; empty where the file has no pictures.
        duration_s: the longer of both.
    """

    audio: NDArray[np.float32]
    frames: tuple[ClipFrame, ...]
    duration_s: float


def read_clip(
    source: Path | BinaryIO,
    *,
    fps: float = 5.0,
    width: int = 640,
    height: int = 360,
    jpeg_quality: int = 80,
    max_s: float | None = None,
) -> Clip:
    """Read a video or sound file.

    Args:
        source: a path or an open file, any container and codec that FFmpeg knows.
        fps: frames a second; each is the first picture from its time on.
        width: frames are scaled down to fit into width x height, their aspect ratio kept.
        height: see `width`.
        jpeg_quality: 1 to 100.
        max_s: longer files are refused; None: any length.

    Raises:
        MediaError: not a media file, damaged, without sound and pictures, or too long.
    """
    try:
        # The mode is said, because an upload's file says of itself that it is open for writing too.
        with av.open(source if hasattr(source, "read") else str(source), "r") as container:
            return _read(container, fps, (width, height), jpeg_quality, max_s)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise MediaError(f"the media file cannot be read: {error}") from error


def _read(
    container: Any, fps: float, box: tuple[int, int], quality: int, max_s: float | None
) -> Clip:
    pictures = container.streams.video[0] if container.streams.video else None
    sounds = container.streams.audio[0] if container.streams.audio else None
    streams = [stream for stream in (pictures, sounds) if stream is not None]
    if not streams:
        raise MediaError("the file has neither sound nor pictures")
    frames: list[ClipFrame] = []
    parts: list[NDArray[np.float32]] = []
    resampler = av.AudioResampler("fltp", None, SAMPLE_RATE)
    start_s: float | None = None
    audio_s, end_s = 0.0, 0.0
    for frame in container.decode(*streams):
        # Streams may start apart, and neither at zero.
        at_s = float(frame.time or 0.0)
        start_s = at_s if start_s is None else start_s
        at_s = max(0.0, at_s - start_s)
        if max_s is not None and at_s > max_s:
            raise MediaError(f"the clip lasts more than {max_s:g} s")
        end_s = max(end_s, at_s)
        if isinstance(frame, av.VideoFrame):
            due = int(at_s * fps + 1e-6)
            if not frames or due > round(frames[-1].time_s * fps):
                frames.append(ClipFrame(due / fps, _jpeg(frame, box, quality)))
        else:
            if not parts and not audio_s:
                audio_s = at_s
            parts += [_mono(part) for part in resampler.resample(frame)]
    if parts:
        parts += [_mono(part) for part in resampler.resample(None)]
    lead = np.zeros(round(audio_s * SAMPLE_RATE), np.float32)
    audio = np.concatenate([lead, *parts]).astype(np.float32) if parts else np.zeros(0, np.float32)
    if not frames and not audio.size:
        raise MediaError("the file has neither sound nor pictures")
    if not np.isfinite(audio).all():
        raise MediaError("the sound holds values that are not finite")
    np.clip(audio, -1, 1, out=audio)  # lossy codecs overshoot
    return Clip(audio, tuple(frames), max(end_s, audio.size / SAMPLE_RATE))


def _mono(part: Any) -> NDArray[np.float32]:
    """The mean of the channels, as for chunks; FFmpeg's own mix is 3 dB louder, and may clip."""
    mixed: NDArray[np.float32] = part.to_ndarray().mean(axis=0)
    return mixed


def _jpeg(frame: Any, box: tuple[int, int], quality: int) -> bytes:
    image = frame.to_ndarray(format="bgr24")
    quarter_turns = round(frame.rotation / 90) % 4  # counter-clockwise, as the file asks
    if quarter_turns:
        image = np.ascontiguousarray(np.rot90(image, quarter_turns))
    scale = min(1.0, box[0] / image.shape[1], box[1] / image.shape[0])
    if scale < 1:
        size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    encoded, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not encoded:
        raise MediaError(f"a frame of {image.shape[1]}x{image.shape[0]} pixels cannot be encoded")
    return jpeg.tobytes()
