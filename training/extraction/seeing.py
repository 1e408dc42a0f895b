"""Frames and stills to face vectors, as the face workers of a live session would make them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from hoovik.face.encoder import FaceEncoder, FaceReading, FaceTrack
from hoovik.layout import FACE_DIM

SIDE_PX = 128
"""Smaller pictures are enlarged to this."""

WHOLE_PICTURE = FaceTrack(cx=0.5, cy=0.5, side=1.0, roll=0.0)
TRACK_SHIFT = 0.012
TRACK_SCALE = 0.02
"""Standard deviation of a shaking track's place, in sides, and of the logarithm of its side."""

NOISE_LEVELS = 2.0
"""Standard deviation of a camera's noise, in grey levels of 255."""


@dataclass(frozen=True, slots=True)
class Sighted:
    """Faces of one clip: vectors (m, 326) float32, times (m,) in s, frames looked at, ticks."""

    vectors: NDArray[np.float32]
    times_s: NDArray[np.float64]
    n_frames: int
    n_ticks: int


def see_frames(
    frames: Sequence[tuple[float, NDArray[np.uint8]]],
    encoder: FaceEncoder,
    n_ticks: int,
    track: FaceTrack | None = None,
) -> Sighted:
    """Read the frames of a video, the track handed from each to the next.

    Args:
        frames: times in seconds and RGB pictures (H, W, 3) uint8, in order.
        encoder: finds and reads the face.
        n_ticks: of the video.
        track: where to look first; None: anywhere.
    """
    seen: list[tuple[float, FaceReading]] = []
    for time_s, picture in frames:
        reading = encoder.encode(picture, track)
        track = None if reading is None else reading.track
        if reading is not None:
            seen.append((time_s, reading))
    return _sighted(seen, len(frames), n_ticks)


def see_still(
    picture: NDArray[np.uint8],
    encoder: FaceEncoder,
    times_s: NDArray[np.float64],
    rng: np.random.Generator,
) -> Sighted:
    """Read a still again and again, as a camera would see it that shakes a little.

    The same pixels at the same place would give the same vector each time, which no living face
    does, and sequences made of it would have no spread and no jitter.

    Args:
        picture: RGB (H, W, 3) uint8; a square one is taken to show one face and nothing else.
        encoder: finds and reads the face.
        times_s: (n,) when to look.
        rng: moves the track and makes the noise.
    """
    enlarged, found = _find(picture, encoder)
    if found is None:
        return _sighted([], 1, len(times_s))
    seen = []
    for time_s in times_s.tolist():
        moved = _moved(found.track, rng)
        reading = encoder.encode(_noisy(enlarged, rng), moved)
        if reading is not None:
            seen.append((time_s, reading))
    return _sighted(seen, len(times_s), len(times_s))


def enlarge(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture (H, W, 3) whose shorter side has `SIDE_PX` at least."""
    height, width = picture.shape[:2]
    scale = max(1.0, SIDE_PX / min(height, width))
    if scale == 1:
        return picture
    size = (round(width * scale), round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def first_track(still: NDArray[np.uint8]) -> FaceTrack | None:
    """Where to look first: a square still is taken to show one face and nothing else."""
    return WHOLE_PICTURE if still.shape[0] == still.shape[1] else None


def _find(
    picture: NDArray[np.uint8], encoder: FaceEncoder
) -> tuple[NDArray[np.uint8], FaceReading | None]:
    """The picture, enlarged where it is small, and its face as a second frame would show it."""
    enlarged = enlarge(picture)
    first = encoder.encode(enlarged, first_track(picture))
    return enlarged, None if first is None else encoder.encode(enlarged, first.track)


def _moved(track: FaceTrack, rng: np.random.Generator) -> FaceTrack:
    shift_x, shift_y = rng.normal(0, TRACK_SHIFT, 2) * track.side
    side = track.side * float(np.exp(rng.normal(0, TRACK_SCALE)))
    return replace(track, cx=track.cx + shift_x, cy=track.cy + shift_y, side=side)


def _noisy(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    # One noise for all three colours, or their mean, which encoders look at, would be quieter.
    noise = rng.standard_normal((*picture.shape[:2], 1), np.float32) * np.float32(NOISE_LEVELS)
    return np.asarray(np.rint(np.clip(picture + noise, 0, 255)), np.uint8)


def _sighted(seen: list[tuple[float, FaceReading]], n_frames: int, n_ticks: int) -> Sighted:
    vectors = np.array([reading.vector for _, reading in seen], np.float32)
    times_s = np.array([time_s for time_s, _ in seen], np.float64)
    return Sighted(vectors.reshape(len(seen), FACE_DIM), times_s, n_frames, n_ticks)
