"""What a room asks of the outside. Plain data: a test compares them, an actor performs them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoovik.face.encoder import FaceTrack
from hoovik.features.sequence import Sequence
from hoovik.schema.emotion import Profile
from hoovik.schema.outbound import OutboundEvent
from hoovik.telemetry.measures import Stage


@dataclass(frozen=True, slots=True)
class Ticket:
    """Names the work under way, so that its answer finds its place or is discarded.

    Attributes:
        participant_id: whose work it is.
        incarnation: which join of that participant.
        number: the time step, or the frame, that the answer belongs to.
    """

    participant_id: str
    incarnation: int
    number: int


@dataclass(frozen=True, slots=True)
class EncodeAudio:
    """Encode one window, with what the encoder hears before it; answer with `Room.audio_encoded`.

    `window` is (context_samples,) float32 at 16 kHz.
    """

    ticket: Ticket
    window: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EncodeFace:
    """Encode one still encoded image, which came at `arrived_s`; answer with `Room.face_encoded`."""

    ticket: Ticket
    image: bytes
    arrived_s: float
    track: FaceTrack | None


@dataclass(frozen=True, slots=True)
class Predict:
    """Classify one sequence; answer with `Room.predicted`."""

    ticket: Ticket
    sequence: Sequence


Request = EncodeAudio | EncodeFace | Predict
"""What is asked of a pool."""


@dataclass(frozen=True, slots=True)
class Timings:
    """Where the time of a result went since its newest sample came, in seconds by stage."""

    profile: Profile
    anomaly: bool
    spent_s: dict[Stage, float]


@dataclass(frozen=True, slots=True)
class Emit:
    """Tell a participant, and where `to_room` the room's observers; results come with timings."""

    participant_id: str
    message: OutboundEvent
    to_room: bool = False
    timings: Timings | None = None


Effect = Request | Emit
