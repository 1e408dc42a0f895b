"""Writes one participant's media file."""

from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np
from face_mesh import Image
from voice import SAMPLE_RATE, Sound

VIDEO_OPTIONS = {
    ".mp4": ("libx264", {"crf": "25", "preset": "slow"}),
    ".webm": ("libvpx", {"crf": "14", "quality": "good", "cpu-used": "1"}),
}
AUDIO_CODEC = {".mp4": "aac", ".webm": "libopus"}
VIDEO_BITRATE = 300_000
AUDIO_BITRATE = 40_000


def write_recording(path: Path, frames: Iterable[Image], fps: int, sound: Sound) -> None:
    """Write RGB frames and mono 48 kHz sound: H.264 and AAC in .mp4, VP8 and Opus in .webm."""
    codec, options = VIDEO_OPTIONS[path.suffix]
    # Without bitexact the muxer writes its version and a random id, and no two runs are the same.
    with av.open(str(path), "w", container_options={"fflags": "+bitexact"}) as container:
        video = container.add_stream(codec, rate=fps, options=options)
        video.pix_fmt = "yuv420p"
        video.thread_count = 1
        if codec == "libvpx":
            video.bit_rate = VIDEO_BITRATE
        audio = container.add_stream(AUDIO_CODEC[path.suffix], rate=SAMPLE_RATE, layout="mono")
        audio.bit_rate = AUDIO_BITRATE
        samples = np.round(np.clip(sound, -1, 1) * 32767).astype(np.int16)
        written = 0
        for index, image in enumerate(frames):
            if index == 0:
                video.height, video.width = image.shape[:2]
            container.mux(video.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            # Audio keeps pace with the picture, so that a player need not seek.
            until = (index + 1) * SAMPLE_RATE // fps
            block = av.AudioFrame.from_ndarray(samples[None, written:until], "s16", "mono")
            block.sample_rate, block.pts = SAMPLE_RATE, written
            container.mux(audio.encode(block))
            written = until
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
