import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from actors.parcel import Item, PictureItem, SoundItem, StateItem
from deployments.ingress.threads import Threads
from hoovik.audio.pcm import check_size, decode_audio, is_container
from hoovik.errors import ForbiddenParticipantError
from hoovik.face.image import check_image
from hoovik.schema.basis import BasisClock
from hoovik.schema.inbound import EVENTS, Audio, AudioEncoding, AvChunk, Frame, MediaState, Message
from hoovik.settings import Settings

SOUND_FILES = Threads("sound files", threads=1, most=16)


@dataclass(frozen=True, slots=True, eq=False)
class SoundFile:
    """A WAV, FLAC or Ogg file that has yet to be decoded; number and arrival of its message."""

    sequence_number: int
    data: bytes
    arrived_s: float


class MediaDecoder:
    """Turns one socket's messages into room items; sound is decoded here, images only checked.

    Of sound longer than `HOOVIK_AUDIO__MAX_BUFFER_S`, which is all that a room keeps, only the
    newest part is.

    Media are counted from 1 by kind, refused ones too, so that a client which counts what it
    sends knows what a result rests on.

    Attributes:
        state: the participant's buttons, as last pressed.
        arrivals: when its media came, on this machine's monotonic clock.
    """

    def __init__(self, participant_id: str, settings: Settings) -> None:
        self.state = StateItem(mic_enabled=True, camera_enabled=True)
        self.arrivals = BasisClock()
        self._participant_id = participant_id
        self._settings = settings

    def skip(self, event: str, payload: Any) -> None:
        """Count a message that was refused before it was one; of a chunk of both what it names."""

        def names(part: str) -> bool:
            return not isinstance(payload, dict) or payload.get(part) is not None

        kind = EVENTS.get(event)
        self._note(
            sound=kind is Audio or (kind is AvChunk and names("audio")),
            picture=kind is Frame or (kind is AvChunk and names("video")),
        )

    def decode(self, message: Message) -> Iterator[Item | SoundFile]:
        """Items of one message; of a chunk of both, the sound comes before a bad picture is seen.

        A file of sound comes as it is: `open` decodes it.

        Raises:
            ForbiddenParticipantError: the message names another participant.
            MediaError: the media are no media, or too large.
        """
        sound, picture = _media(message)
        self._note(sound=sound is not None, picture=picture is not None)
        named = message.participant_id
        if named is not None and named != self._participant_id:
            raise ForbiddenParticipantError(
                f"this socket speaks for {self._participant_id!r}, not for {named!r}"
            )
        if isinstance(message, MediaState):
            yield self._press(message)
        if isinstance(message, Audio | AvChunk) and sound is not None:
            yield self._hear(sound, message.sample_rate, message.encoding)
        if picture is not None:
            check_image(picture, self._settings.face)
            yield PictureItem(self.arrivals.frames.count, picture, time.monotonic())

    async def open(self, file: SoundFile) -> SoundItem:
        """Decode a file of sound off the event loop.

        Raises:
            CapacityError: too many are being decoded.
            MediaError: it is none, or too long.
        """
        chunk = await SOUND_FILES.run(
            decode_audio,
            file.data,
            self._settings.audio,
            newest_s=self._settings.audio.max_buffer_s,
        )
        return SoundItem(file.sequence_number, chunk.samples, chunk.sample_rate, file.arrived_s)

    def _note(self, *, sound: bool, picture: bool) -> None:
        now_s = time.monotonic()
        if sound:
            self.arrivals.sounds.note(now_s)
        if picture:
            self.arrivals.frames.note(now_s)

    def _press(self, message: MediaState) -> StateItem:
        before = self.state
        self.state = StateItem(
            before.mic_enabled if message.mic_enabled is None else message.mic_enabled,
            before.camera_enabled if message.camera_enabled is None else message.camera_enabled,
        )
        return self.state

    def _hear(
        self, data: bytes, sample_rate: int, encoding: AudioEncoding
    ) -> SoundItem | SoundFile:
        audio, count = self._settings.audio, self.arrivals.sounds.count
        if is_container(data, encoding):
            check_size(data, audio)
            return SoundFile(count, data, time.monotonic())
        chunk = decode_audio(
            data, audio, sample_rate=sample_rate, encoding=encoding, newest_s=audio.max_buffer_s
        )
        return SoundItem(count, chunk.samples, chunk.sample_rate, time.monotonic())


def _media(message: Message) -> tuple[bytes | None, bytes | None]:
    """(sound, picture) of a message."""
    if isinstance(message, Audio):
        return message.buffer, None
    if isinstance(message, Frame):
        return None, message.buffer
    if isinstance(message, AvChunk):
        return message.audio, message.video
    return None, None
