"""What a client may say, and how a payload becomes a typed message.

Payloads arrive as whatever Socket.IO or a WebSocket made of them: bytes, base64 text, or an
object. `parse` is the only way in; all that can go wrong raises a `ProtocolError`.
"""

import base64
import binascii
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator

from hoovik.errors import JoinError, ProtocolError, UnknownEventError
from hoovik.schema.wire import ParticipantId, RoomId, WireModel
from hoovik.validation import first_fault

AudioEncoding = Literal["auto", "f32le", "s16le"]


class Role(StrEnum):
    """A participant is read; an observer receives everyone's results and sends no media."""

    PARTICIPANT = "participant"
    OBSERVER = "observer"


class Join(WireModel):
    """The ``auth`` of a connection."""

    participant_id: ParticipantId
    room_id: RoomId = Field("", validate_default=False)
    role: Role = Role.PARTICIPANT
    token: SecretStr | None = None
    consent: bool = Field(False, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _default_room(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        data = {key: value for key, value in data.items() if value is not None}
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
    """PCM, or a WAV, FLAC or OGG container."""

    participant_id: ParticipantId | None = None
    buffer: bytes
    sample_rate: int = 16_000
    encoding: AudioEncoding = "auto"

    _decode = field_validator("buffer", mode="before")(_binary)


class Frame(WireModel):
    """One JPEG or PNG."""

    participant_id: ParticipantId | None = None
    buffer: bytes

    _decode = field_validator("buffer", mode="before")(_binary)


class AvChunk(WireModel):
    """A frame and a piece of sound of the same moment; either may be missing."""

    participant_id: ParticipantId | None = None
    video: bytes | None = None
    audio: bytes | None = None
    sample_rate: int = 16_000
    encoding: AudioEncoding = "auto"

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

    participant_id: ParticipantId | None = None
    mic_enabled: bool | None = None
    camera_enabled: bool | None = None


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
