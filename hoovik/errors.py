"""The errors of the house. Each says what was wrong, with which value, and what would be right.

At the wire an error becomes an ``emotion.error`` with its ``code``; docs/protocol.md lists them.
"""

from typing import ClassVar


class HoovikError(Exception):
    """Anything this project refuses or cannot do."""

    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ConfigurationError(HoovikError):
    """Settings that contradict each other, or name what is not there."""

    code = "BAD_CONFIGURATION"


class BundleError(HoovikError):
    """A bundle that is incomplete, altered, or made for other encoders or layouts."""

    code = "BAD_BUNDLE"


class MediaError(HoovikError):
    """Media that cannot be decoded."""

    code = "BAD_MEDIA"


class AudioError(MediaError):
    """Audio that is no audio: wrong byte count, not finite, unknown container."""

    code = "BAD_AUDIO"


class AudioTooLargeError(MediaError):
    """One audio message beyond its size limit."""

    code = "AUDIO_TOO_LARGE"


class ImageError(MediaError):
    """An image that cannot be decoded."""

    code = "BAD_IMAGE"


class ImageTooLargeError(MediaError):
    """An image beyond its limit in bytes or pixels, refused before it is decoded."""

    code = "IMAGE_TOO_LARGE"


class UploadTooLargeError(MediaError):
    """More bytes in one HTTP request than it may have."""

    code = "UPLOAD_TOO_LARGE"


class ProtocolError(HoovikError):
    """A message that does not follow the wire protocol."""

    code = "BAD_MESSAGE"


class UnknownEventError(ProtocolError):
    """An event name that the protocol does not have."""

    code = "UNKNOWN_EVENT"


class ForbiddenParticipantError(ProtocolError):
    """A socket that speaks for somebody else, or an observer that sends media."""

    code = "FORBIDDEN_PARTICIPANT"


class JoinError(ProtocolError):
    """An ``auth`` that is not understood."""

    code = "BAD_AUTH"


class UnauthorizedError(ProtocolError):
    """A token that is missing, not valid, or good for somebody or somewhere else."""

    code = "UNAUTHORIZED"


class AlreadyJoinedError(ProtocolError):
    """A second join on one socket."""

    code = "ALREADY_JOINED"


class NotJoinedError(ProtocolError):
    """Media before a join."""

    code = "NOT_JOINED"


class ConsentRequiredError(HoovikError):
    """Media of a participant who has not agreed to be read, where the service asks for that."""

    code = "CONSENT_REQUIRED"


class CapacityError(HoovikError):
    """More participants than this deployment admits."""

    code = "AT_CAPACITY"


class ReplacedError(HoovikError):
    """Another socket has joined as the same participant; the newest one counts."""

    code = "REPLACED"


class RoomUnavailableError(HoovikError):
    """A room that did not come up in time."""

    code = "ROOM_UNAVAILABLE"


class RecordingError(HoovikError):
    """A recording that could not be played to its end."""

    code = "RECORDING_FAILED"


class TelemetryError(HoovikError):
    """Telemetry that does not answer."""

    code = "TELEMETRY_UNAVAILABLE"
