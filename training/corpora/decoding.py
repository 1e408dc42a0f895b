"""Media to samples and pixels, by the decoders that live and replay use."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from hoovik.errors import MediaError
from hoovik.face.image import decode_image
from hoovik.layout import SAMPLE_RATE
from hoovik.media import clip as media
from hoovik.settings import FaceSettings, SessionSettings
from training.corpora.clip import Clip, Modality

TARGET_FPS = SessionSettings().target_fps


def samples(clip: Clip) -> NDArray[np.float32]:
    """Sound of a clip: (n,) float32 at 16 kHz, the mean of its channels.

    Raises:
        MediaError: cannot be read, or holds no sound.
        ValueError: a clip without sound by its modality.
    """
    if not clip.modality.has_sound:
        raise ValueError(f"{clip.reference} is {clip.modality}; sound expected of audio or both")
    found = None
    if clip.modality is Modality.AUDIO:
        found = _sound_file(clip.media)
    if found is None:
        found = _watched(clip.media, TARGET_FPS).audio
    if not found.size or not np.isfinite(found).all():
        raise MediaError(f"{clip.reference} holds no sound, or samples that are not finite")
    return found


def frames(clip: Clip, fps: float = TARGET_FPS) -> list[tuple[float, NDArray[np.uint8]]]:
    """Frames of a video as a meeting client sends them: times in seconds, RGB (H, W, 3) uint8.

    Raises:
        MediaError: cannot be read, or holds no pictures.
        ValueError: a clip that is no video by its modality.
    """
    if clip.modality not in {Modality.VIDEO, Modality.BOTH}:
        raise ValueError(f"{clip.reference} is {clip.modality}; frames expected of video or both")
    watched = _watched(clip.media, fps)
    if not watched.frames:
        raise MediaError(f"{clip.reference} holds no pictures")
    settings = FaceSettings()
    return [(frame.time_s, decode_image(frame.jpeg, settings)) for frame in watched.frames]


def image(clip: Clip) -> NDArray[np.uint8]:
    """Pixels of a still: RGB (H, W, 3) uint8.

    Raises:
        MediaError: cannot be read.
        ValueError: no still by its modality.
    """
    if clip.modality is not Modality.STILL:
        raise ValueError(f"{clip.reference} is {clip.modality}; a picture expected of still")
    try:
        return decode_image(clip.read(), FaceSettings())
    except OSError as error:
        raise MediaError(f"{clip.reference} cannot be read: {error}") from error


def _sound_file(source: Path | bytes) -> NDArray[np.float32] | None:
    """Sound of what soundfile knows; None for anything else, which FFmpeg may know."""
    try:
        opened = source if isinstance(source, Path) else BytesIO(source)
        sound, rate = soundfile.read(opened, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError):
        return None
    mono = sound.mean(axis=1, dtype=np.float32)
    if rate != SAMPLE_RATE:
        mono = soxr.resample(mono, rate, SAMPLE_RATE, quality="HQ")
    return np.asarray(np.clip(mono, -1, 1), np.float32)


# Sound and frames of one clip are asked for one after the other; one decode serves both.
@lru_cache(maxsize=1)
def _watched(source: Path | bytes, fps: float) -> media.Clip:
    return media.read_clip(source if isinstance(source, Path) else BytesIO(source), fps=fps)
