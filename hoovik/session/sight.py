from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoovik.face.encoder import FaceReading, FaceTrack
from hoovik.layout import FACE_DIM
from hoovik.settings import SessionSettings

HISTORY_S = 6.0
"""Longer than the ten steps of a sequence, so that a late answer still finds its step."""

MAX_HISTORY = 256


@dataclass(frozen=True, slots=True)
class Picture:
    """One frame as it arrived."""

    image: bytes
    sequence_number: int
    arrived_s: float


@dataclass(frozen=True, slots=True)
class Sighting:
    """A face found in a frame; `vector` is (326,) float32."""

    vector: NDArray[np.float32]
    sequence_number: int
    arrived_s: float


class FaceStream:
    """One participant's face: its track, and what was seen in the last seconds."""

    def __init__(self, session: SessionSettings) -> None:
        self._stale_s = session.stale_s
        self.track: FaceTrack | None = None
        self._sightings: deque[Sighting] = deque(maxlen=MAX_HISTORY)
        self._newest_frame_s = float("-inf")
        self._newest_answer_s = float("-inf")
        self._newest_face_s = float("-inf")

    def arrived(self, now: float) -> None:
        """Note that a frame came in."""
        self._newest_frame_s = now

    def answered(self, picture: Picture, reading: FaceReading | None) -> None:
        """Note what an encoder found in a frame."""
        self._newest_answer_s = picture.arrived_s
        self.track = None if reading is None else reading.track
        if reading is not None:
            self._newest_face_s = picture.arrived_s
            self._sightings.append(
                Sighting(reading.vector, picture.sequence_number, picture.arrived_s)
            )

    def clear(self) -> None:
        """Forget everything seen so far."""
        self._sightings.clear()
        self.track = None
        self._newest_frame_s = self._newest_answer_s = self._newest_face_s = float("-inf")

    def live(self, now: float) -> bool:
        """Whether frames with a face keep arriving.

        While the newest answer found a face, frames still under way are taken to show one too:
        a slow pool must not look like a camera that is off. Once an answer found none, only
        frames up to the last face count.
        """
        seen = self._newest_face_s > float("-inf") and self._newest_face_s >= self._newest_answer_s
        newest_s = self._newest_frame_s if seen else self._newest_face_s
        return now - newest_s <= self._stale_s

    def recent(self, now: float) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Arrival times (m,) and vectors (m, 326) of the last seconds, oldest first."""
        while self._sightings and now - self._sightings[0].arrived_s > HISTORY_S:
            self._sightings.popleft()
        times = np.array([sighting.arrived_s for sighting in self._sightings], np.float64)
        vectors = [sighting.vector for sighting in self._sightings]
        return times, np.array(vectors, np.float32).reshape(len(vectors), FACE_DIM)

    def nearest(self, time_s: float, within_s: float) -> Sighting | None:
        """The sighting nearest to a time, if near enough."""
        nearest = min(
            self._sightings, key=lambda sighting: abs(sighting.arrived_s - time_s), default=None
        )
        if nearest is None or abs(nearest.arrived_s - time_s) > within_s:
            return None
        return nearest
