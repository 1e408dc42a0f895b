"""What an ingress replica brings to a room, and what the room says to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SoundItem:
    """Decoded sound: (n,) float32 mono at `source_hz`; number and arrival of its newest message."""

    sequence_number: int
    samples: NDArray[np.float32]
    source_hz: int
    arrived_s: float


@dataclass(frozen=True, slots=True)
class PictureItem:
    """One encoded image, its header checked."""

    sequence_number: int
    image: bytes
    arrived_s: float


@dataclass(frozen=True, slots=True)
class StateItem:
    """A participant's buttons."""

    mic_enabled: bool
    camera_enabled: bool


Item = SoundItem | PictureItem | StateItem


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one socket sent since the last delivery, in order.

    Attributes:
        surplus: frames dropped on the way, because they came faster than asked for.
    """

    connection_id: str
    participant_id: str
    items: list[Item]
    surplus: int = 0


class Delivery(StrEnum):
    """Why a parcel was not taken."""

    UNKNOWN = "unknown"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A room's answer to a delivery or a sign of life.

    Attributes:
        beat_in_s: when the room will look at its media next, from now.
        strain: share of its steps that it could not begin lately, 0 to 1.
        refused: parcels not taken, by connection.
    """

    beat_in_s: float
    strain: float
    refused: Mapping[str, Delivery] = field(default_factory=dict)
