from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from skimage.data import astronaut

from hoovik.audio.windows import window_centres_s
from hoovik.face.encoder import FaceReading, FaceTrack
from hoovik.settings import MODEL_ARTIFACTS, AudioSettings
from tests.pictures import jpeg
from training.corpora.clip import Clip, Modality
from training.corpora.decoding import image, samples
from training.corpora.fer2013 import read_fer2013
from training.extraction.encoders import Encoders, EncoderSource
from training.extraction.encoding import Extracted, Reading, encode_takes, tick_centres_s
from training.extraction.seeing import see_frames

from .media import clip, voice, write_video, write_wav

HOW = Reading(seed=1)


@pytest.fixture(scope="module")
def encoders() -> Iterator[Encoders]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield EncoderSource(None, untrained=True).load()
    torch.set_num_threads(threads)


@pytest.fixture
def spoken(tmp_path: Path) -> Clip:
    """A second of silence, two of speech."""
    sound = np.concatenate([np.zeros(16_000, np.float32), voice(2.0)])
    return clip("ada", media=write_wav(tmp_path / "a.wav", sound))


@pytest.fixture
def still() -> Clip:
    return clip("ada", modality=Modality.STILL, media=jpeg(48, 48))


def assert_same(one: Extracted, other: Extracted) -> None:
    for field in ("audio", "audio_ticks", "face", "face_s"):
        np.testing.assert_array_equal(getattr(one, field), getattr(other, field))
    assert (one.n_ticks, one.n_frames, one.take) == (other.n_ticks, other.n_frames, other.take)


def test_a_voice_is_encoded_at_the_ticks_that_hold_speech(spoken: Clip, encoders: Encoders) -> None:
    (one,) = encode_takes(spoken, encoders, HOW)
    assert one.n_ticks == window_centres_s(3 * 16_000, 0.3).size == 9
    assert one.audio.shape == (len(one.audio_ticks), 1024)
    assert one.audio.dtype == np.float32
    # Ticks 0 and 1 end before the speech begins; the last ones lie within it.
    assert {7, 8} <= set(one.audio_ticks.tolist()) <= set(range(2, 9))
    assert one.face.shape == (0, 326)
    window = samples(spoken)[8 * 4_800 : 8 * 4_800 + 9_600]
    np.testing.assert_allclose(
        one.audio[-1], encoders.audio.encode(window[None])[0], rtol=1e-3, atol=1e-4
    )


def test_an_encoder_with_context_hears_what_came_before_the_window(spoken: Clip) -> None:
    audio = AudioSettings(encoder="whisper")
    encoders = EncoderSource(None, audio, untrained=True).load()
    plain, rough = encode_takes(spoken, encoders, HOW, (0, 1))
    assert {7, 8} <= set(plain.audio_ticks.tolist()) <= set(range(2, 9))
    heard = samples(spoken)[16_000:48_000]
    np.testing.assert_allclose(
        plain.audio[-1], encoders.audio.encode(heard[None])[0], rtol=1e-3, atol=1e-4
    )
    assert rough.audio.shape[1] == 1024


def test_silence_gives_ticks_without_embeddings(tmp_path: Path, encoders: Encoders) -> None:
    silent = write_wav(tmp_path / "a.wav", np.zeros(16_000, np.float32))
    (one,) = encode_takes(clip("ada", media=silent), encoders, HOW)
    assert (one.n_ticks, one.audio.shape) == (2, (0, 1024))


def test_takes_differ_and_are_the_same_again_in_any_order(spoken: Clip, encoders: Encoders) -> None:
    takes = encode_takes(spoken, encoders, HOW, (0, 1, 2, 4))
    again = encode_takes(spoken, encoders, HOW, (4, 2, 1, 0))[::-1]
    for one, other in zip(takes, again, strict=True):
        assert_same(one, other)
    assert [one.take for one in takes] == [0, 1, 2, 4]
    assert len({one.audio[-1].tobytes() for one in takes}) == 4
    reseeded = encode_takes(spoken, encoders, replace(HOW, seed=2), (0, 1))
    assert_same(takes[0], reseeded[0])
    assert reseeded[1].audio[-1].tobytes() != takes[1].audio[-1].tobytes()


def test_takes_of_a_video_keep_the_time_of_its_pictures(tmp_path: Path, encoders: Encoders) -> None:
    both = clip("a", modality=Modality.BOTH, media=write_video(tmp_path / "a.mp4", voice(2.0)))
    plain, rough = encode_takes(both, encoders, HOW, (0, 3))
    assert plain.n_frames == rough.n_frames == 10
    assert plain.n_ticks == rough.n_ticks >= 5  # a codec may pad its last block
    np.testing.assert_array_equal(plain.face, rough.face)
    np.testing.assert_array_equal(plain.audio_ticks, rough.audio_ticks)
    assert plain.audio.size
    assert not np.allclose(plain.audio, rough.audio)


def test_a_mute_video_has_ticks_as_long_as_it_lasts(tmp_path: Path, encoders: Encoders) -> None:
    video = clip("a", modality=Modality.VIDEO, media=write_video(tmp_path / "a.mp4", None))
    (one,) = encode_takes(video, encoders, HOW)
    assert (one.n_ticks, one.n_frames) == (5, 10)
    assert one.face.shape == (10, 326)
    assert one.face_s == pytest.approx(np.arange(10) / 5)


def test_a_still_is_read_as_a_camera_that_shakes_would_see_it(encoders: Encoders) -> None:
    face = cv2.resize(astronaut()[50:180, 155:285, ::-1], (48, 48), interpolation=cv2.INTER_AREA)
    still = clip("eileen", modality=Modality.STILL, media=cv2.imencode(".png", face)[1].tobytes())
    # What random weights take for a face may lie beside the picture, where nothing changes.
    encoders = replace(encoders, face=EncoderSource(MODEL_ARTIFACTS / "embedded").load().face)
    (one,) = encode_takes(still, encoders, replace(HOW, still_readings=6))
    assert (one.n_ticks, one.n_frames, one.face.shape) == (6, 6, (6, 326))
    assert one.face_s == pytest.approx(tick_centres_s(6))
    assert len(np.unique(one.face, axis=0)) == 6
    (other,) = encode_takes(still, encoders, replace(HOW, still_readings=6, seed=2))
    assert not np.allclose(one.face, other.face)


def test_the_track_goes_from_frame_to_frame_and_is_lost_with_the_face() -> None:
    class Lamp:
        """Sees a face where a picture is bright, and says where it looked."""

        name = "lamp"

        def __init__(self) -> None:
            self.tracks: list[float | None] = []

        def encode(self, image: NDArray[np.uint8], track: FaceTrack | None) -> FaceReading | None:
            self.tracks.append(None if track is None else track.cx)
            if image.max() == 0:
                return None
            at = FaceTrack(float(image.max()), 0, 1, 0)
            return FaceReading(np.full(326, image.max(), np.float32), at)

    lamp = Lamp()
    frames = [(n / 5, np.full((8, 8, 3), level, np.uint8)) for n, level in enumerate((7, 8, 0, 9))]
    seen = see_frames(frames, lamp, n_ticks=1)
    assert lamp.tracks == [None, 7, 8, None]
    assert seen.times_s.tolist() == [0, 0.2, 0.6]
    assert seen.vectors[:, 0].tolist() == [7, 8, 9]
    assert seen.n_frames == 4


def test_takes_beyond_the_ladder_or_without_sound_are_refused(
    spoken: Clip, still: Clip, encoders: Encoders
) -> None:
    with pytest.raises(ValueError, match="0 to 5 expected"):
        encode_takes(spoken, encoders, HOW, (6,))
    with pytest.raises(ValueError, match="clip of still; sound expected"):
        encode_takes(still, encoders, HOW, (1,))


@pytest.mark.data
def test_faces_of_fer2013_waver_as_a_living_camera_makes_them(data: Path) -> None:
    encoders = EncoderSource(MODEL_ARTIFACTS / "embedded").load()
    clips = read_fer2013(data / "fer2013")[:12]
    read = [encode_takes(one, encoders, HOW)[0] for one in clips]
    assert sum(len(one.face) for one in read) >= 100
    between = np.array([one.face.mean(axis=0) for one in read]).std(axis=0).mean()
    within = np.mean([one.face.std(axis=0).mean() for one in read])
    assert 0.01 * between < within < 0.5 * between
    assert image(clips[0]).shape == (48, 48, 3)
