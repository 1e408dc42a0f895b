import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf

from hoovik.media.meeting import ClientState, ScriptEvent
from replay.chunk import Change
from replay.inputs import MeetingRecording


@dataclass(frozen=True, slots=True)
class Recording:
    """One participant's file in a run.

    Attributes:
        number: counts up over the run.
        meeting: number of the meeting.
        participant: name in the meeting.
        media: path or URL.
        offset_s: when the file begins, on the meeting's clock.
        changes: of the client's state, on the file's clock.
        key: names the file's content and place, as far as they can be known without reading it.
    """

    number: int
    meeting: int
    participant: str
    media: str
    offset_s: float
    changes: tuple[Change, ...]
    key: str


def changes_of(
    participant: str, events: Iterable[ScriptEvent], offset_s: float
) -> tuple[Change, ...]:
    """The states of a participant's client, on the clock of a file that begins at an offset."""
    state = ClientState()
    changes = [Change(-inf, state)]
    for event in events:
        if event.participant == participant:
            state = state.after(event.action)
            changes.append(Change(event.time_s - offset_s, state))
    return tuple(changes)


def recordings_of(
    meeting: MeetingRecording, number: int, first: int, run: str, contents: Mapping[str, str]
) -> tuple[Recording, ...]:
    """The files of a meeting.

    Args:
        meeting: as it was found.
        number: of the meeting in its run.
        first: number of its first recording in the run.
        run: key of everything else that results depend on.
        contents: fingerprints of the files by their addresses.
    """
    recordings = []
    for place, one in enumerate(meeting.participants):
        changes = changes_of(one.name, meeting.events, one.offset_s)
        key = key_of(run, meeting.meeting, one.name, one.media, contents[one.media], changes)
        recordings.append(
            Recording(first + place, number, one.name, one.media, one.offset_s, changes, key)
        )
    return tuple(recordings)


def key_of(*parts: object) -> str:
    """A short name that any change of the parts changes."""
    text = json.dumps(parts, default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
