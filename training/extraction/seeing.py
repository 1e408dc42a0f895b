"""Frames and stills to face vectors, as the face workers of a live session would make them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from hoovik.face.encoder import FaceEncoder, FaceReading, FaceTrack
from hoovik.features.sequence import stacked_expressions
from hoovik.layout import FACE_DIM

SIDE_PX = 128
"""Smaller pictures are enlarged to this."""

BORDER = 0.25
"""What a square still is framed with, as a share of its side: it is cut close around one face, and
encoders expect a track's margin around it."""

WHOLE_PICTURE = FaceTrack(cx=0.5, cy=0.5, side=1.0, roll=0.0)
TRACK_SHIFT = 0.012
TRACK_SCALE = 0.02
"""Standard deviation of a shaking track's place, in sides, and of the logarithm of its side."""

NOISE_LEVELS = 2.0
"""Standard deviation of a camera's noise, in grey levels of 255."""


@dataclass(frozen=True, slots=True)
class Sighted:
    """Faces of one clip: vectors (m, 326) and expressions (m, 6) float32, at times (m,) in seconds.

    Beside them the number of frames looked at, and of ticks.
    """

    vectors: NDArray[np.float32]
    expressions: NDArray[np.float32]
    times_s: NDArray[np.float64]
    n_frames: int
    n_ticks: int


@dataclass(frozen=True, slots=True)
class HeldUp:
    """A still before a camera.

    Attributes:
        picture: RGB (H, W, 3) uint8, enlarged where it is small, framed where it is square.
        track: where to look first; None: anywhere. A square still is taken to show one face and
            nothing else.
    """

    picture: NDArray[np.uint8]
    track: FaceTrack | None


def see_frames(
    frames: Sequence[tuple[float, NDArray[np.uint8]]],
    encoder: FaceEncoder,
    n_ticks: int,
) -> Sighted:
    """Read the frames of a video, the track handed from each to the next.

    Args:
        frames: times in seconds and RGB pictures (H, W, 3) uint8, in order.
        encoder: finds and reads the face.
        n_ticks: of the video.
    """
    track: FaceTrack | None = None
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
    shown = held_up(picture)
    found = _find(shown, encoder)
    if found is None:
        return _sighted([], 1, len(times_s))
    seen = []
    for time_s in times_s.tolist():
        moved = _moved(found.track, rng)
        reading = encoder.encode(_noisy(shown.picture, rng), moved)
        if reading is not None:
            seen.append((time_s, reading))
    return _sighted(seen, len(times_s), len(times_s))


def held_up(still: NDArray[np.uint8]) -> HeldUp:
    """Show a still (H, W, 3) as encoders are used to pictures."""
    height, width = still.shape[:2]
    scale = max(1.0, SIDE_PX / min(height, width))
    size = (round(width * scale), round(height * scale))
    large = still if scale == 1 else cv2.resize(still, size, interpolation=cv2.INTER_CUBIC)
    if height != width:
        return HeldUp(np.asarray(large, np.uint8), None)
    around = round(BORDER * size[0])
    framed = cv2.copyMakeBorder(large, around, around, around, around, cv2.BORDER_REPLICATE)
    return HeldUp(np.asarray(framed, np.uint8), WHOLE_PICTURE)


def shaken(
    picture: NDArray[np.uint8], track: FaceTrack, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A picture (H, W, 3) as a camera sees it next that shakes a little and makes noise.

    Args:
        picture: RGB.
        track: of the face in it, which the movement is measured by.
        rng: moves the picture and makes the noise.
    """
    moved = _moved(track, rng)
    height, width = picture.shape[:2]
    scale = moved.side / track.side
    to_x, to_y = (moved.cx - scale * track.cx) * width, (moved.cy - scale * track.cy) * height
    shift = np.array([[scale, 0, to_x], [0, scale, to_y]], np.float32)
    seen = cv2.warpAffine(picture, shift, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return _noisy(np.asarray(seen, np.uint8), rng)


def _find(shown: HeldUp, encoder: FaceEncoder) -> FaceReading | None:
    """The face as a second frame would show it."""
    first = encoder.encode(shown.picture, shown.track)
    return None if first is None else encoder.encode(shown.picture, first.track)


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
    expressions = stacked_expressions([reading.expression for _, reading in seen])
    return Sighted(vectors.reshape(len(seen), FACE_DIM), expressions, times_s, n_frames, n_ticks)
