"""The reference bundle's training file on a handful of clips, with small random wav2vec2 weights."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from hoovik.layout import SAMPLE_RATE
from hoovik.media.clip import Clip, read_clip
from hoovik.models.bundle import ENCODER_FILES, Bundle
from hoovik.settings import AudioSettings, FaceSettings, Settings
from tests.unit.audio.test_wav2vec2 import save_small_model
from training.config import read_config
from training.splits import RAVDESS_ACTORS
from training.train import Places, train

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "training" / "configs"
CREMAD_EMOTIONS = ("ANG", "DIS", "FEA", "HAP", "NEU", "SAD")
CREMAD_ACTORS = (1001, 1002, 1003, 1004)
CODECS = {".mp4": ("mpeg4", "aac", 16_000), ".flv": ("flv1", "adpcm_swf", 22_050)}
FPS = 10
CLIP_S = 2.4


def cut(source: Clip, start_s: float, path: Path) -> None:
    """A piece of a recording as a file of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture, sound, rate = CODECS[path.suffix]
    first = int(start_s * SAMPLE_RATE)
    samples = source.audio[first : first + int(CLIP_S * SAMPLE_RATE)]
    frames = [one for one in source.frames if start_s <= one.time_s < start_s + CLIP_S]
    with av.open(str(path), "w") as container:
        video = container.add_stream(picture, rate=FPS, options={"qscale": "3"})
        video.width, video.height, video.pix_fmt = 640, 360, "yuv420p"
        audio = container.add_stream(sound, rate=rate)
        for one in frames:
            image = cv2.imdecode(np.frombuffer(one.jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
            container.mux(video.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(video.encode(None))
        block = av.AudioFrame.from_ndarray(samples[None], "flt", "mono")
        block.sample_rate = SAMPLE_RATE
        container.mux(audio.encode(block))
        container.mux(audio.encode(None))


def spoken_starts_s(meeting: Clip, n: int) -> list[float]:
    """Where a piece is loud; there is speech in it."""
    candidates_s = np.linspace(0, meeting.duration_s - CLIP_S - 0.5, 4 * n)
    length = int(CLIP_S * SAMPLE_RATE)
    loudness = [
        float(np.square(meeting.audio[int(one * SAMPLE_RATE) :][:length]).mean())
        for one in candidates_s
    ]
    return candidates_s[np.argsort(loudness)[-n:]].tolist()


@pytest.fixture(scope="module")
def videos(meeting_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """RAVDESS and CREMA-D as they lie on disk, cut from the sample meeting; labels mean nothing."""
    folder = tmp_path_factory.mktemp("videos")
    meeting = read_clip(meeting_folder / "mira.mp4", fps=FPS)
    starts = iter(spoken_starts_s(meeting, 60))
    for actors, emotion in product(RAVDESS_ACTORS.values(), range(1, 8)):
        actor = actors[0]
        name = f"01-01-{emotion:02d}-01-01-01-{actor:02d}.mp4"
        cut(meeting, next(starts), folder / "ravdess" / f"Actor_{actor:02d}" / name)
    for actor, emotion in product(CREMAD_ACTORS, CREMAD_EMOTIONS):
        cut(
            meeting,
            next(starts),
            folder / "cremad" / "VideoFlash" / f"{actor}_IEO_{emotion}_XX.flv",
        )
    return folder


@pytest.mark.data
@pytest.mark.timeout(600)
def test_the_reference_bundle_is_made_from_videos(data: Path, videos: Path, tmp_path: Path) -> None:
    save_small_model(tmp_path / "wav2vec2", 1024)
    task = data / "models" / "face_landmarker.task"
    settings = Settings(
        audio=AudioSettings(wav2vec2=str(tmp_path / "wav2vec2")),
        face=FaceSettings(landmarker=str(task)),
    )
    config = read_config(CONFIGS / "reference.yaml", videos)
    smoke = read_config(CONFIGS / "smoke.yaml", videos).plan
    quick = config.model_copy(update={"plan": replace(smoke, takes=1)})
    out = tmp_path / "bundle"

    figures = train(quick, Places(out, tmp_path / "work"), settings)

    bundle = Bundle.open(out)
    assert (bundle.manifest.encoders.audio, bundle.manifest.encoders.face) == (
        "wav2vec2",
        "mediapipe",
    )
    assert not set(ENCODER_FILES) & set(bundle.manifest.files)
    assert figures["profiles"]["both"]["pairs"] == "real"
    assert figures["profiles"]["both"]["n"] > 5
    assert set(figures["profiles"]) == {"both", "audio_only", "video_only"}
