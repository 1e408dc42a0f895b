from collections import Counter
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from deployments.ingress.threads import Threads
from hoovik.audio.pcm import decode_audio
from hoovik.audio.resample import StreamResampler
from hoovik.errors import MediaError, UploadTooLargeError
from hoovik.face.image import check_image
from hoovik.media.clip import Clip, read_clip
from hoovik.media.stream import ClipFrame
from hoovik.schema.emotion import EMOTIONS
from hoovik.schema.outbound import EmotionResult
from hoovik.settings import Settings

STILL_S = 1.5
"""An image without a sound is shown for this long."""

UPLOADS = Threads("POST /predict", threads=1, most=16)


@dataclass(frozen=True, slots=True)
class Upload:
    """What a caller of ``POST /predict`` sent: a clip, or an image, a sound, or both."""

    clip: BinaryIO | None
    image: BinaryIO | None
    sound: BinaryIO | None

    @property
    def files(self) -> list[BinaryIO]:
        """What there is."""
        return [file for file in (self.clip, self.image, self.sound) if file is not None]


async def read_upload(upload: Upload, settings: Settings) -> Clip:
    """Media of an upload, decoded off the event loop.

    Raises:
        CapacityError: too many uploads at once.
        UploadTooLargeError: more bytes than allowed.
        MediaError: no media, or longer than allowed.
    """
    return await UPLOADS.run(_read, upload, settings)


def _read(upload: Upload, settings: Settings) -> Clip:
    limit = settings.serve.predict_max_bytes
    size = sum(_size(file) for file in upload.files)
    if size > limit:
        raise UploadTooLargeError(f"{size} bytes; at most {limit} are allowed")
    if upload.clip is not None:
        return read_clip(
            upload.clip, fps=settings.session.target_fps, max_s=settings.serve.predict_max_s
        )
    if not upload.files:
        raise MediaError("send a clip, or an image, or a sound")
    return _still(upload, settings)


def _still(upload: Upload, settings: Settings) -> Clip:
    audio = np.zeros(0, np.float32)
    duration_s = STILL_S
    if upload.sound is not None:
        decoded = decode_audio(upload.sound.read(), settings.audio)
        resampler = StreamResampler(decoded.sample_rate)
        audio = resampler.push(decoded.samples)
        duration_s = min(settings.serve.predict_max_s, decoded.samples.size / decoded.sample_rate)
    frames: tuple[ClipFrame, ...] = ()
    if upload.image is not None:
        image = upload.image.read()
        check_image(image, settings.face)
        fps = settings.session.target_fps
        frames = tuple(ClipFrame(k / fps, image) for k in range(int(duration_s * fps) + 1))
    return Clip(audio=audio, frames=frames, duration_s=duration_s)


def rules_of(upload: Upload, settings: Settings) -> Settings:
    """Settings of the room that plays an upload: a single image is no camera that has frozen."""
    if upload.clip is not None:
        return settings
    session = settings.session.model_copy(update={"frozen_levels": 0.0})
    return settings.model_copy(update={"session": session})


def _size(file: BinaryIO) -> int:
    size = file.seek(0, 2)
    file.seek(0)
    return size


def summarise(results: list[EmotionResult], duration_s: float) -> dict[str, Any]:
    """Mean probabilities, the label they make, and how the results divide."""
    shares = Counter(result.result.emotion for result in results)
    profiles = Counter(str(result.result.modality) for result in results)
    summary: dict[str, Any] = {
        "durationSec": round(duration_s, 3),
        "results": len(results),
        "anomalies": sum(result.result.anomaly for result in results),
        "uncertain": sum(result.result.uncertain for result in results),
        "anomalyReasons": dict(
            Counter(reason for one in results for reason in one.result.anomaly_reasons)
        ),
        "emotions": dict(shares),
        "profiles": dict(profiles),
    }
    if results:
        mean = {
            emotion: float(np.mean([result.result.probs[emotion] for result in results]))
            for emotion in EMOTIONS
        }
        summary |= {"emotion": max(mean, key=lambda emotion: mean[emotion]), "probs": mean}
    return summary
