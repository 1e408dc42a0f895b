import numpy as np
import pytest

from actors.parcel import PictureItem, SoundItem, StateItem
from deployments.ingress.decoding import MediaDecoder
from hoovik.errors import ForbiddenParticipantError, ImageError
from hoovik.schema.inbound import Audio, AvChunk, Frame, MediaState, Ping
from hoovik.settings import Settings
from tests.pictures import jpeg

SOUND = np.zeros(1600, "<f4").tobytes()
PICTURE = jpeg()


@pytest.fixture
def decoder() -> MediaDecoder:
    return MediaDecoder("ada", Settings())


def test_media_are_counted_by_kind(decoder: MediaDecoder) -> None:
    messages = [Audio(buffer=SOUND), Frame(buffer=PICTURE), Audio(buffer=SOUND), Ping()]
    items = [item for message in messages for item in decoder.decode(message)]
    assert [(type(item), item.sequence_number) for item in items] == [
        (SoundItem, 1),
        (PictureItem, 1),
        (SoundItem, 2),
    ]


def test_refused_media_are_counted_too(decoder: MediaDecoder) -> None:
    decoder.skip("audio_chunk", 7)
    decoder.skip("become.admin", None)
    with pytest.raises(ForbiddenParticipantError):
        list(decoder.decode(Audio(participant_id="ben", buffer=SOUND)))
    with pytest.raises(ImageError):
        list(decoder.decode(Frame(buffer=b"no picture")))
    (sound,) = decoder.decode(Audio(buffer=SOUND))
    (picture,) = decoder.decode(Frame(buffer=PICTURE))
    assert sound.sequence_number == 3
    assert picture.sequence_number == 2


def test_of_a_chunk_of_both_a_bad_picture_does_not_cost_the_sound(decoder: MediaDecoder) -> None:
    items = decoder.decode(AvChunk(video=b"no picture", audio=SOUND))
    assert isinstance(next(items), SoundItem)
    with pytest.raises(ImageError):
        next(items)


def test_a_button_that_is_not_named_stays_as_it_was(decoder: MediaDecoder) -> None:
    presses = [
        MediaState(camera_enabled=False),
        MediaState(mic_enabled=False),
        MediaState(mic_enabled=True, camera_enabled=True),
    ]
    states = [item for press in presses for item in decoder.decode(press)]
    assert states == [StateItem(True, False), StateItem(False, False), StateItem(True, True)]
    assert decoder.state == StateItem(True, True)
