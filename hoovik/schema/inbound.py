"""What a client may say, and how a payload becomes a typed message.

Payloads arrive as whatever Socket.IO or a WebSocket made of them: bytes, base64 text, or an
object. `parse` is the only way in; all that can go wrong raises a `ProtocolError`.
"""

import base64
import binascii
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from hoovik.errors import JoinError, ProtocolError, UnknownEventError
from hoovik.schema.wire import ParticipantId, RoomId, WireModel
from hoovik.validation import first_fault

AudioEncoding = Literal["auto", "f32le", "s16le"]

Speaker = Annotated[ParticipantId | None, Field(description="The socket's own, where it is given.")]
Rate = Annotated[
    int, Field(description="Hz of raw mono PCM, 4,000 to 192,000; a container tells its own.")
]
Encoding = Annotated[
    AudioEncoding,
    Field(
        description="`auto` is float32 little-endian PCM unless the first bytes are those of a WAV, "
        "FLAC or Ogg file."
    ),
]


class Role(StrEnum):
    """A participant is read; an observer receives everyone's results and sends no media."""

    PARTICIPANT = "participant"
    OBSERVER = "observer"


class Join(WireModel):
    """The ``auth`` of a connection: who the socket speaks for, and where."""

    # What `_default_room` fills in, as JSON Schema says it.
    model_config = ConfigDict(
        json_schema_extra={
            "required": [],
            "oneOf": [
                {
                    "title": "participant",
                    "properties": {"role": {"const": "participant"}},
                    "required": ["participantId"],
                },
                {
                    "title": "observer",
                    "properties": {"role": {"const": "observer"}},
                    "required": ["role", "roomId"],
                },
            ],
        }
    )

    participant_id: ParticipantId = Field(
        description="Who the socket speaks for; left out by an observer: `observer`."
    )
    room_id: RoomId = Field(
        description="Where; left out by a participant: `solo-<participantId>`.",
    )
    role: Role = Field(
        Role.PARTICIPANT,
        description="A participant sends media and receives its own results; an observer receives "
        "those of everyone in the room and sends nothing but `ping`.",
    )
    token: SecretStr | None = Field(None, description="A JWT, where the service asks for one.")
    consent: bool = Field(
        False, strict=True, description="That the participant has agreed to be read."
    )

    @model_validator(mode="before")
    @classmethod
    def _default_room(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        data = {key: value for key, value in data.items() if value is not None}
        data = cls.by_wire_names(data)
        if data.get("role") == Role.OBSERVER:
            if "roomId" not in data:
                raise ValueError("an observer must name a roomId")
            data.setdefault("participantId", "observer")
        if "roomId" not in data and "participantId" in data:
            data["roomId"] = f"solo-{str(data['participantId']).strip()}"
        return data


def _binary(value: Any) -> bytes:
    """Bytes of a media field: raw, or base64 text with or without a data-URL prefix."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, str):
        text = value.partition(",")[2] if value.startswith("data:") else value
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValueError(f"text of {len(value)} characters is not base64") from error
    raise ValueError(f"expected bytes or base64 text, got {type(value).__name__}")


class Audio(WireModel):
    """A piece of sound; 100 ms suit the clock of the service."""

    participant_id: Speaker = None
    buffer: bytes = Field(description="PCM, or a WAV, FLAC or Ogg file.")
    sample_rate: Rate = 16_000
    encoding: Encoding = "auto"

    _decode = field_validator("buffer", mode="before")(_binary)


class Frame(WireModel):
    """One image of a face."""

    participant_id: Speaker = None
    buffer: bytes = Field(description="A complete JPEG or PNG.")

    _decode = field_validator("buffer", mode="before")(_binary)


class AvChunk(WireModel):
    """An image and a piece of sound of the same moment; either may be missing."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["video"]}, {"required": ["audio"]}]}
    )

    participant_id: Speaker = None
    video: bytes | None = Field(None, description="A complete JPEG or PNG.")
    audio: bytes | None = Field(None, description="PCM, or a WAV, FLAC or Ogg file.")
    sample_rate: Rate = 16_000
    encoding: Encoding = "auto"

    @field_validator("video", "audio", mode="before")
    @classmethod
    def _decode(cls, value: Any) -> bytes | None:
        return None if value is None else _binary(value)

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.video is None and self.audio is None:
            raise ValueError("neither video nor audio")
        return self


class MediaState(WireModel):
    """What the participant's own buttons say; what is left out stays as it was."""

    participant_id: Speaker = None
    mic_enabled: bool | None = Field(
        None, description="Whether the microphone is on; it is after a join."
    )
    camera_enabled: bool | None = Field(
        None, description="Whether the camera is on; it is after a join."
    )


class Ping(WireModel):
    """Asks for a ``pong``."""

    participant_id: None = None


Message = Audio | Frame | AvChunk | MediaState | Ping

EVENTS: dict[str, type[Audio] | type[Frame] | type[AvChunk] | type[MediaState] | type[Ping]] = {
    "audio_chunk": Audio,
    "frame": Frame,
    "emotion.frame": Frame,
    "av_chunk": AvChunk,
    "participant.media_state": MediaState,
    "ping": Ping,
}


JOIN_EVENTS = ("auth", "join")
"""Names of the join over a plain WebSocket; Socket.IO has a place of its own for it."""


def parse(event: str, payload: Any) -> Message:
    """Typed message of one event.

    Raises:
        UnknownEventError: the protocol has no such event.
        ProtocolError: the payload does not fit the event.
    """
    model = EVENTS.get(event)
    if model is None:
        raise UnknownEventError(f"no event {event[:64]!r}; known are {', '.join(EVENTS)}")
    if model is Ping:
        return Ping()
    if model in (Audio, Frame) and not isinstance(payload, dict):
        payload = {"buffer": payload}
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        raise ProtocolError(f"{event}: {first_fault(error)}") from None


def parse_join(auth: Any) -> Join:
    """Typed ``auth`` of a connection; raises JoinError."""
    try:
        return Join.model_validate(auth)
    except ValidationError as error:
        raise JoinError(f"auth: {first_fault(error)}") from None
