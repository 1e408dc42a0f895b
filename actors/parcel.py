"""What an ingress replica brings to a room host, and what the host says to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

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
        room_id: where the socket is.
        surplus: frames dropped on the way, because they came faster than asked for.
    """

    room_id: str
    connection_id: str
    participant_id: str
    items: list[Item]
    surplus: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A socket that comes into a room.

    Attributes:
        participant_id: who it speaks for; None: it only watches.
        state: the participant's buttons, as last pressed.
        returns: whether it was in the room before and had to leave through no fault of its own.
    """

    room_id: str
    connection_id: str
    participant_id: str | None = None
    state: StateItem = StateItem(mic_enabled=True, camera_enabled=True)
    returns: bool = False


class Refusal(StrEnum):
    """Why a host did not take what a socket brought."""

    UNKNOWN = "unknown"
    """The room is here, the socket is not in it: it has to enter again."""

    REPLACED = "replaced"
    """Another socket speaks for the participant now."""

    ELSEWHERE = "elsewhere"
    """The room is not here: the directory knows where."""

    FULL = "full"
    """The room has its participants, or the host more to do than it can."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal, and for people the reason."""

    why: Refusal
    words: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A host's answer to a delivery or a sign of life.

    Attributes:
        beat_in_s: when its rooms will look at their media next, from now.
        refused: parcels not taken, by connection.
    """

    beat_in_s: float
    refused: Mapping[str, Refusal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RoomEvent:
    """One message of a room on its way to sockets.

    Attributes:
        participant_id: whom it is about.
        connection_id: the socket of that participant.
        event: its name on the wire.
        payload: JSON-ready.
        to_room: whether the room's observers receive it too.
        trace: the trace that it ends; None: none.
    """

    room_id: str
    participant_id: str
    connection_id: str
    event: str
    payload: dict[str, Any]
    to_room: bool
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Displaced:
    """A socket whose participant has joined anew through another one."""

    room_id: str
    participant_id: str
    connection_id: str


@dataclass(frozen=True, slots=True)
class Departed:
    """A room that is no longer at this host.

    Attributes:
        whole: whether it went on elsewhere with all it knows; else it was closed, and begins anew.
    """

    room_id: str
    whole: bool


HostEvent = RoomEvent | Displaced | Departed
