from io import BytesIO

import numpy as np
import pytest
import soundfile

from actors.parcel import PictureItem, SoundItem, StateItem
from deployments.ingress.decoding import MediaDecoder, SoundFile
from hoovik.errors import AudioTooLargeError, ForbiddenParticipantError, ImageError
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


async def test_a_sound_file_is_numbered_and_timed_as_it_comes(decoder: MediaDecoder) -> None:
    file = BytesIO()
    soundfile.write(file, np.linspace(-1, 1, 6 * 8_000), 8_000, format="FLAC")
    (held,) = decoder.decode(Audio(buffer=file.getvalue()))
    list(decoder.decode(Audio(buffer=SOUND)))
    assert isinstance(held, SoundFile)
    sound = await decoder.open(held)
    assert (sound.sequence_number, sound.source_hz) == (1, 8_000)
    assert sound.arrived_s == held.arrived_s
    # The newest four seconds of six.
    assert sound.samples.size == 4 * 8_000
    assert sound.samples[[0, -1]] == pytest.approx([-1 / 3, 1], abs=1e-3)


def test_a_file_that_is_too_large_is_not_kept_until_it_is_decoded(decoder: MediaDecoder) -> None:
    with pytest.raises(AudioTooLargeError):
        list(decoder.decode(Audio(buffer=b"fLaC" + bytes(Settings().audio.max_bytes))))


def test_of_long_raw_sound_the_newest_part_is_kept(decoder: MediaDecoder) -> None:
    samples = np.linspace(-1, 1, 6 * 4_000, dtype="<f4")
    for data, encoding in (
        (samples.tobytes(), "f32le"),
        ((samples * 32767).astype("<i2").tobytes(), "s16le"),
    ):
        (sound,) = decoder.decode(Audio(buffer=data, encoding=encoding, sample_rate=4_000))
        assert isinstance(sound, SoundItem)
        assert sound.samples.size == 4 * 4_000
        assert sound.samples[[0, -1]] == pytest.approx([-1 / 3, 1], abs=1e-3)
