"""A recorded meeting: who is in it, which file each one is, and what each one's client did when."""

from math import inf
from pathlib import Path
from typing import NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from hoovik.errors import MediaError
from hoovik.schema.action import Action
from hoovik.schema.emotion import Profile


class ClientState(NamedTuple):
    """What a client sends: nothing when absent, else voice and face as switched on."""

    present: bool = True
    microphone: bool = True
    camera: bool = True

    def after(self, action: Action) -> "ClientState":
        """State once ``action`` has been done; a rejoined client has both switched on."""
        match action:
            case Action.MUTE | Action.UNMUTE:
                return self._replace(microphone=action is Action.UNMUTE)
            case Action.CAMERA_OFF | Action.CAMERA_ON:
                return self._replace(camera=action is Action.CAMERA_ON)
            case Action.LEAVE:
                return self._replace(present=False)
            case Action.JOIN:
                return ClientState()


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Participant(_Part):
    """One person of the meeting."""

    name: str = Field(min_length=1, description="Participant id on the wire.")
    file: Path = Field(description="Media file, relative to the meeting's description.")
    speech: tuple[tuple[float, float], ...] = Field(
        (), description="Start and end, in seconds, of each passage with voice in the file."
    )
    offset_s: float = Field(
        0.0, ge=0, description="When the file begins, in seconds from the start of the meeting."
    )


class ScriptEvent(_Part):
    """One action of one participant's client."""

    time_s: float = Field(ge=0, description="When, in seconds from the start of the meeting.")
    participant: str
    action: Action


class Meeting(_Part):
    """A meeting: everyone is there from the start, microphone and camera on, until the script acts."""

    title: str = ""
    duration_s: float = Field(
        inf,
        gt=0,
        description="Length of the meeting, in seconds; as long as its files if not said.",
    )
    participants: tuple[Participant, ...] = Field(min_length=1)
    events: tuple[ScriptEvent, ...] = ()

    @model_validator(mode="after")
    def _script_can_be_played(self) -> "Meeting":
        names = [participant.name for participant in self.participants]
        if len(set(names)) != len(names):
            raise ValueError(f"participants need different names, got {names}")
        for participant in self.participants:
            edges = [edge for interval in participant.speech for edge in interval]
            end_s = self.duration_s - participant.offset_s
            within = not edges or (edges[0] >= 0 and edges[-1] <= end_s)
            if edges != sorted(set(edges)) or not within:
                raise ValueError(
                    f"speech of {participant.name} must be rising intervals within "
                    f"{end_s} s, got {participant.speech}"
                )
        states = dict.fromkeys(names, ClientState())
        previous_s = 0.0
        for event in self.events:
            if event.participant not in states:
                raise ValueError(f"no participant {event.participant!r}; there are {names}")
            if not previous_s <= event.time_s <= self.duration_s:
                raise ValueError(
                    f"event at {event.time_s} s must lie between the one before, at {previous_s} s, "
                    f"and the end, at {self.duration_s} s"
                )
            before = states[event.participant]
            after = before.after(event.action)
            if after == before or (not before.present and event.action is not Action.JOIN):
                raise ValueError(
                    f"{event.participant} cannot {event.action} at {event.time_s} s, being {before}"
                )
            states[event.participant], previous_s = after, event.time_s
        return self

    def participant(self, name: str) -> Participant:
        """Participant by name; MediaError when there is none."""
        for participant in self.participants:
            if participant.name == name:
                return participant
        known = [participant.name for participant in self.participants]
        raise MediaError(f"no participant {name!r} in the meeting; there are {known}")

    def state_at(self, name: str, time_s: float) -> ClientState:
        """What the participant's client sends at ``time_s``; an event counts from its own time on."""
        state = ClientState()
        for event in self.events:
            if event.participant == name and event.time_s <= time_s:
                state = state.after(event.action)
        return state

    def profile_at(self, name: str, time_s: float) -> Profile | None:
        """Expected modality profile at ``time_s``; None where nothing of the participant is live.

        This is the truth of the script, without the reaction time of a window: near a moment of
        ``changes`` an observer may still see the profile before it.
        """
        present, microphone, camera = self.state_at(name, time_s)
        participant = self.participant(name)
        in_file_s = time_s - participant.offset_s
        speaks = any(start <= in_file_s < end for start, end in participant.speech)
        return Profile.of(
            audio=present and microphone and speaks,
            face=present and camera and in_file_s >= 0,
        )

    def changes(self, name: str) -> tuple[float, ...]:
        """Moments, rising, in seconds, at which the participant's script, file or voice changes."""
        acts = {event.time_s for event in self.events if event.participant == name}
        participant = self.participant(name)
        edges = {edge + participant.offset_s for passage in participant.speech for edge in passage}
        begins = {participant.offset_s} if participant.offset_s > 0 else set()
        return tuple(sorted(acts | edges | begins))


def parse_meeting(text: bytes, name: str) -> Meeting:
    """A meeting from its description; files stay as they are written.

    Args:
        text: YAML in UTF-8.
        name: of the description, for the error.

    Raises:
        MediaError: not YAML, or not a meeting.
    """
    try:
        return Meeting.model_validate(yaml.safe_load(text.decode()))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MediaError(f"{name} does not describe a meeting: {error}") from error


def load_meeting(path: Path) -> Meeting:
    """Read ``meeting.yaml``, or the one in a folder; participants' files become full paths.

    Raises:
        MediaError: no such file, not YAML, not a meeting, or a participant's file is not there.
    """
    description = path / "meeting.yaml" if path.is_dir() else path
    try:
        meeting = parse_meeting(description.read_bytes(), str(description))
    except OSError as error:
        raise MediaError(f"cannot read the meeting {description}: {error.strerror}") from error
    folder = description.resolve().parent
    participants = tuple(
        participant.model_copy(update={"file": folder / participant.file})
        for participant in meeting.participants
    )
    for participant in participants:
        if not participant.file.is_file():
            raise MediaError(f"{participant.name}'s media file {participant.file} is not there")
    return meeting.model_copy(update={"participants": participants})
