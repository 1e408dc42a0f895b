"""Who listens to a room and who speaks in it, as its actor sees it."""

from dataclasses import dataclass
from typing import Any

from actors.mailbox import Mailbox


@dataclass(frozen=True, slots=True)
class RoomEvent:
    """One message on its way to sockets.

    Attributes:
        participant_id: whom it is about.
        connection_id: the socket of that participant.
        event: its name on the wire.
        payload: JSON-ready.
        to_room: whether the room's observers receive it too.
        trace: the trace that it ends; None: none.
    """

    participant_id: str
    connection_id: str
    event: str
    payload: dict[str, Any]
    to_room: bool
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Displaced:
    """A socket whose participant has joined anew through another one."""

    participant_id: str
    connection_id: str


@dataclass(slots=True)
class Subscriber:
    """One ingress replica that has members of this room; a slow one loses the oldest events."""

    events: Mailbox[RoomEvent | Displaced]
    seen_s: float


@dataclass(frozen=True, slots=True)
class Membership:
    """A participant's socket and the ingress replica that holds it."""

    connection_id: str
    subscriber_id: str
