from actors.room import Item, PictureItem, SoundItem, StateItem
from hoovik.audio.pcm import decode_audio
from hoovik.errors import ForbiddenParticipantError
from hoovik.face.image import check_image
from hoovik.schema.inbound import Audio, AudioEncoding, AvChunk, Frame, MediaState, Message, Ping
from hoovik.settings import Settings


class MediaDecoder:
    """Turns one socket's messages into room items; sound is decoded here, images only checked.

    Media are counted from 1 by kind, refused ones too, so that a client which counts what it
    sends knows what a result rests on.
    """

    def __init__(self, participant_id: str, settings: Settings) -> None:
        self._participant_id = participant_id
        self._settings = settings
        self._sounds = 0
        self._pictures = 0

    def decode(self, message: Message) -> list[Item]:
        """Items of one message.

        Raises:
            ForbiddenParticipantError: the message names another participant.
            MediaError: the media are no media, or too large.
        """
        named = message.participant_id
        if named is not None and named != self._participant_id:
            raise ForbiddenParticipantError(
                f"this socket speaks for {self._participant_id!r}, not for {named!r}"
            )
        if isinstance(message, Audio):
            return [self._sound(message.buffer, message.sample_rate, message.encoding)]
        if isinstance(message, Frame):
            return [self._picture(message.buffer)]
        if isinstance(message, MediaState):
            return [StateItem(message.mic_enabled, message.camera_enabled)]
        if isinstance(message, Ping):
            return []
        return self._both(message)

    def _both(self, message: AvChunk) -> list[Item]:
        items: list[Item] = []
        if message.video is not None:
            items.append(self._picture(message.video))
        if message.audio is not None:
            items.append(self._sound(message.audio, message.sample_rate, message.encoding))
        return items

    def _sound(self, data: bytes, sample_rate: int, encoding: AudioEncoding) -> SoundItem:
        self._sounds += 1
        chunk = decode_audio(data, self._settings.audio, sample_rate=sample_rate, encoding=encoding)
        return SoundItem(self._sounds, chunk.samples, chunk.sample_rate)

    def _picture(self, data: bytes) -> PictureItem:
        self._pictures += 1
        check_image(data, self._settings.face)
        return PictureItem(self._pictures, data)
