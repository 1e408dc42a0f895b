from pathlib import Path

import numpy as np
import pytest

from hoovik.errors import MediaError
from hoovik.layout import SAMPLE_RATE
from tests.pictures import jpeg
from training.corpora.clip import Modality
from training.corpora.decoding import frames, image, samples

from .media import clip, voice, write_video, write_wav


def test_sound_is_the_mean_of_its_channels_at_16_khz(tmp_path: Path) -> None:
    left = voice(1.0)
    stereo = np.stack([left, np.zeros_like(left)], axis=1)
    path = write_wav(tmp_path / "a.wav", stereo)
    heard = samples(clip("a", media=path))
    assert heard.dtype == np.float32
    np.testing.assert_allclose(heard, left / 2, atol=1e-4)
    resampled = samples(clip("a", media=write_wav(tmp_path / "b.wav", left, 2 * SAMPLE_RATE)))
    assert resampled.size == SAMPLE_RATE // 2


def test_a_sound_that_only_ffmpeg_knows_is_read_too(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", voice(2.0))
    assert samples(clip("a", media=path)).size == pytest.approx(2 * SAMPLE_RATE, rel=0.1)


@pytest.mark.parametrize("suffix", [".mp4", ".flv"])
def test_a_video_gives_frames_at_the_asked_rate_and_its_sound(tmp_path: Path, suffix: str) -> None:
    path = write_video(tmp_path / f"a{suffix}", voice(2.0))
    both = clip("a", modality=Modality.BOTH, media=path)
    times_s = [time_s for time_s, _ in frames(both, 5.0)]
    assert times_s == pytest.approx([n / 5 for n in range(10)])
    picture = frames(both, 5.0)[0][1]
    assert (picture.shape, picture.dtype) == ((64, 96, 3), np.uint8)
    assert samples(both).size == pytest.approx(2 * SAMPLE_RATE, rel=0.1)


def test_a_still_gives_its_pixels() -> None:
    picture = image(clip("a", modality=Modality.STILL, media=jpeg(64, 48)))
    assert picture.shape == (48, 64, 3)


def test_media_that_lack_what_is_wanted_are_refused(tmp_path: Path) -> None:
    mute = write_video(tmp_path / "mute.mp4", None)
    with pytest.raises(MediaError, match="holds no sound"):
        samples(clip("a", modality=Modality.BOTH, media=mute))
    with pytest.raises(MediaError, match="holds no pictures"):
        frames(clip("a", modality=Modality.VIDEO, media=write_wav(tmp_path / "a.wav")))
    with pytest.raises(MediaError):
        samples(clip("a", media=b"no sound at all"))
    with pytest.raises(MediaError):
        image(clip("a", modality=Modality.STILL, media=tmp_path / "none.png"))


def test_a_decoder_is_not_asked_for_what_a_modality_has_not() -> None:
    still = clip("a", modality=Modality.STILL, media=jpeg())
    with pytest.raises(ValueError, match="own:a-0 is still"):
        samples(still)
    with pytest.raises(ValueError, match="own:a-0 is still"):
        frames(still)
    with pytest.raises(ValueError, match="own:a-0 is audio"):
        image(clip("a"))
