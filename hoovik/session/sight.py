from collections import deque
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hoovik.face.encoder import FaceReading, FaceTrack
from hoovik.features.sequence import stacked_expressions
from hoovik.layout import FACE_DIM
from hoovik.schema.reason import Reason
from hoovik.settings import SessionSettings

HISTORY_S = 6.0
"""Longer than the ten steps of a sequence, so that a late answer still finds its step."""

MAX_HISTORY = 256

MAX_FRAMES = 8
"""Frames that wait for their step: 0.6 s of them at more than twice the target rate."""

GRACE_S = 1e-6
"""0.9 - 0.7 is a little more than 0.2 in binary."""

GAPS = 2.0
"""A camera is off when so many of its gaps go by without a frame."""

LONGEST_GAP_S = 2.0
"""What takes longer is a pause, not the gap between two frames."""

GAPS_KEPT = 5

FROZEN_LOOKS = 4
FROZEN_WITHIN_S = 3.0
"""A picture is frozen that stands still over so many looks: a second of them and more. Encoded again
it changes by 0.1 to 0.4 grey levels; of a face that talks one look in four changes by 2."""


@dataclass(frozen=True, slots=True)
class CameraFrame:
    """One frame as it arrived."""

    image: bytes
    sequence_number: int
    arrived_s: float


@dataclass(frozen=True, slots=True)
class Sighting:
    """A face found in a frame: (326,) float32, the rest as of `FaceReading`."""

    vector: NDArray[np.float32]
    expression: NDArray[np.float32] | None
    sequence_number: int
    arrived_s: float
    faults: tuple[Reason, ...] = ()
    change: float | None = None


class FrameGap:
    """How far apart the frames of one camera are, whatever it was asked for.

    Low light and thumbnails make cameras slow. It is the longest of the last gaps but one: a
    network that stalls once makes no camera slow, and one that delivers in bursts makes none fast.

    Args:
        unknown_s: what is assumed of a camera with a single frame.
    """

    def __init__(self, unknown_s: float) -> None:
        self._unknown_s = unknown_s
        self._gaps: deque[float] = deque(maxlen=GAPS_KEPT)

    def note(self, gap_s: float) -> None:
        """Note the time between two frames."""
        if gap_s <= LONGEST_GAP_S:
            self._gaps.append(gap_s)

    def clear(self) -> None:
        """Forget the camera."""
        self._gaps.clear()

    @property
    def typical_s(self) -> float:
        """The time in which a next frame is to be expected."""
        if not self._gaps:
            return self._unknown_s
        return sorted(self._gaps)[max(0, len(self._gaps) - 2)]


class FaceStream:
    """One participant's face: frames that wait, the track, and what was seen in the last seconds."""

    def __init__(self, session: SessionSettings) -> None:
        self._stale_s = session.stale_s
        self._nearest_s = session.face_nearest_s
        self._frozen_levels = session.frozen_levels
        self._gap = FrameGap(1 / session.min_fps)
        self.track: FaceTrack | None = None
        self._frames: deque[CameraFrame] = deque(maxlen=MAX_FRAMES)
        self._sightings: deque[Sighting] = deque(maxlen=MAX_HISTORY)
        self._newest_frame_s = float("-inf")
        self._newest_answer_s = float("-inf")
        self._newest_face_s = float("-inf")

    def push(self, frame: CameraFrame) -> int:
        """Keep a frame until its step; returns how many gave way unseen.

        Frames come in order: one whose time ran back arrived with the one before.
        """
        displaced = len(self._frames) == MAX_FRAMES
        arrived_s = max(frame.arrived_s, self._newest_frame_s)
        self._frames.append(replace(frame, arrived_s=arrived_s))
        self._gap.note(arrived_s - self._newest_frame_s)
        self._newest_frame_s = arrived_s
        return int(displaced)

    def choose(self, time_s: float) -> tuple[CameraFrame | None, int]:
        """The frame to look at for the step centred at `time_s`, and how many are of no use.

        None where no frame is near enough, or a face already seen is nearer. Steps come in order
        of time: what lies before the chosen frame, or too far behind the step, serves no later one
        either.
        """
        nearest = min(
            reversed(self._frames),
            key=lambda frame: abs(frame.arrived_s - time_s),
            default=None,
        )
        seen = self.nearest(time_s)
        if nearest is not None and not self._is_near(nearest.arrived_s, time_s):
            nearest = None
        if nearest is not None and seen is not None:
            gap_s, seen_gap_s = (abs(one.arrived_s - time_s) for one in (nearest, seen))
            if seen_gap_s <= gap_s:
                nearest = None
        spare = 0
        last_s = time_s - self._nearest_s if nearest is None else nearest.arrived_s
        while self._frames and self._frames[0].arrived_s <= last_s:
            spare += self._frames.popleft() is not nearest
        return nearest, spare

    def answered(self, frame: CameraFrame, reading: FaceReading | None) -> None:
        """Note what an encoder found in a frame."""
        self._newest_answer_s = frame.arrived_s
        self.track = None if reading is None else reading.track
        if reading is not None:
            self._newest_face_s = frame.arrived_s
            self._sightings.append(
                Sighting(
                    reading.vector,
                    reading.expression,
                    frame.sequence_number,
                    frame.arrived_s,
                    reading.faults,
                    reading.change,
                )
            )

    def clear(self) -> int:
        """Forget everything seen so far; returns how many frames were waiting."""
        waiting = len(self._frames)
        self._frames.clear()
        self._sightings.clear()
        self._gap.clear()
        self.track = None
        self._newest_frame_s = self._newest_answer_s = self._newest_face_s = float("-inf")
        return waiting

    def arriving(self, now: float, fps: float) -> bool:
        """Whether frames keep coming from a camera that was asked for `fps`."""
        return self._is_fresh(self._newest_frame_s, now, fps)

    def live(self, now: float, fps: float) -> bool:
        """Whether frames with a face keep arriving from a camera that was asked for `fps`.

        While the newest answer found a face, frames still under way are taken to show one too:
        a slow pool must not look like a camera that is off. Once an answer found none, only
        frames up to the last face count.
        """
        seen = self._newest_face_s > float("-inf") and self._newest_face_s >= self._newest_answer_s
        newest_s = self._newest_frame_s if seen else self._newest_face_s
        return self._is_fresh(newest_s, now, fps)

    @property
    def shows_nobody(self) -> bool:
        """Whether the newest frame that was looked at has no face."""
        return self._newest_answer_s > self._newest_face_s

    @property
    def is_frozen(self) -> bool:
        """Whether the picture of the face has stood still for a second."""
        changes: list[float] = []
        for seen in reversed(self._sightings):
            if self._newest_face_s - seen.arrived_s > FROZEN_WITHIN_S:
                break
            if seen.change is not None:
                changes.append(seen.change)
        latest = changes[:FROZEN_LOOKS]
        return len(latest) == FROZEN_LOOKS and max(latest) < self._frozen_levels

    def recent(
        self, now: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.float32]]:
        """Arrival times (m,), vectors (m, 326) and expressions (m, 6) of the last seconds.

        The oldest come first; an expression that no encoder told is zero.
        """
        while self._sightings and now - self._sightings[0].arrived_s > HISTORY_S:
            self._sightings.popleft()
        times = np.array([sighting.arrived_s for sighting in self._sightings], np.float64)
        vectors = [sighting.vector for sighting in self._sightings]
        expressions = stacked_expressions([sighting.expression for sighting in self._sightings])
        return times, np.array(vectors, np.float32).reshape(len(vectors), FACE_DIM), expressions

    def nearest(self, time_s: float) -> Sighting | None:
        """The sighting nearest to a time, if near enough."""
        nearest = min(
            self._sightings, key=lambda sighting: abs(sighting.arrived_s - time_s), default=None
        )
        return nearest if nearest and self._is_near(nearest.arrived_s, time_s) else None

    def _is_fresh(self, newest_s: float, now: float, fps: float) -> bool:
        gap_s = max(1 / fps, self._gap.typical_s)
        return now - newest_s <= max(self._stale_s, GAPS * gap_s + GRACE_S)

    def _is_near(self, arrived_s: float, time_s: float) -> bool:
        return abs(arrived_s - time_s) <= self._nearest_s + GRACE_S
