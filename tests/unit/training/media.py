"""Small corpora and media files, made on the spot."""

from pathlib import Path

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

from hoovik.layout import SAMPLE_RATE
from training.corpora.clip import Clip, Modality


def voice(duration_s: float, *, pitch_hz: float = 150.0, seed: int = 0) -> NDArray[np.float32]:
    """Something that a voice detector takes for speech: harmonics of a wavering pitch, in bursts."""
    rng = np.random.default_rng(seed)
    times_s = np.arange(round(duration_s * SAMPLE_RATE)) / SAMPLE_RATE
    phase = 2 * np.pi * np.cumsum(pitch_hz * (1 + 0.05 * np.sin(2 * np.pi * 3 * times_s)))
    harmonics = sum(np.sin(k * phase / SAMPLE_RATE) / k for k in range(1, 20))
    envelope = 0.5 + 0.5 * np.sin(2 * np.pi * 4 * times_s)
    sound = 0.1 * envelope * harmonics + 0.001 * rng.standard_normal(times_s.size)
    return sound.astype(np.float32)


def write_wav(
    path: Path, sound: NDArray[np.float32] | None = None, rate: int = SAMPLE_RATE
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, voice(0.1) if sound is None else sound, rate)
    return path


def touch(path: Path) -> Path:
    """A file whose name is all that a reader looks at."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(path.name.encode())
    return path


def write_video(path: Path, sound: NDArray[np.float32] | None, n_frames: int = 20) -> Path:
    """A video of moving noise at 10 frames a second, with a voice or without."""
    rng = np.random.default_rng(0)
    codecs = {".flv": ("flv1", "adpcm_swf", 22_050)}.get(path.suffix, ("mpeg4", "aac", 16_000))
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        pictures = container.add_stream(codecs[0], rate=10)
        pictures.width, pictures.height, pictures.pix_fmt = 96, 64, "yuv420p"
        sounds = None if sound is None else container.add_stream(codecs[1], rate=codecs[2])
        for _ in range(n_frames):
            noise = rng.integers(0, 256, (64, 96, 3), np.uint8)
            container.mux(pictures.encode(av.VideoFrame.from_ndarray(noise, "rgb24")))
        container.mux(pictures.encode(None))
        if sounds is not None:
            frame = av.AudioFrame.from_ndarray(sound[None], "flt", "mono")
            frame.sample_rate = SAMPLE_RATE
            container.mux(sounds.encode(frame))
            container.mux(sounds.encode(None))
    return path


def clip(
    speaker: str,
    label: int | None = 0,
    *,
    corpus: str = "own",
    name: str | None = None,
    sex: str | None = None,
    modality: Modality = Modality.AUDIO,
    media: Path | bytes | None = None,
) -> Clip:
    """A clip whose content is its own name, unless said otherwise."""
    name = name or f"{speaker}-{label}"
    return Clip(corpus, name, speaker, sex, label, modality, media or name.encode())
