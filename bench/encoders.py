"""What of the encoders is timed: sound by number type and device, a frame decoded and read."""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from bench.load import SAMPLE_MEETING, sample_recordings
from bench.rounds import Timed, available_cores, on_cores, one_core
from hoovik.audio.encoder import AudioEncoder, load_audio_encoder
from hoovik.audio.precision import candidates
from hoovik.audio.windows import window_centres_s, windows_at
from hoovik.errors import MediaError
from hoovik.face.encoder import FaceEncoder, FaceTrack, load_face_encoder
from hoovik.face.image import decode_image
from hoovik.layout import CONTEXT_SAMPLES, WINDOW_S
from hoovik.settings import AudioEncoderName, AudioSettings, FaceSettings

T = TypeVar("T")

Subjects = dict[tuple[str, int], Timed]
"""What to time, by part and by how many frames, windows or sequences a call takes."""

Image = NDArray[np.uint8]

WINDOWS = (1, 2, 4, 8, 16)
FRAMES = (1, 2, 4)
"""Frames of a batch; the face pool's are no larger."""

WHISPER_SHARE = 0.5
WAV2VEC2_SHARE = 0.1
"""Of the repetitions of the others: it is a hundred times as slow."""

FRAMES_OF_EACH = 60
"""Of each of the sample meeting's clips: 12 s at 5 fps."""

LARGE = (1280, 720)
QUALITY = 80


def audio_subjects(bundle: Path | None, *, wav2vec2: bool) -> Subjects:
    """Windows of 0.6 s by each encoder, in each number type that is native to each device.

    Whisper computes with random weights of the published shapes.

    Args:
        bundle: folder of the embedded encoder's weights; None: random ones.
        wav2vec2: whether to time it, with random weights of the published shapes; on a CPU in
            bfloat16 on all cores too.
    """
    subjects = _sound("embedded", bundle) | _sound("whisper", None, share=WHISPER_SHARE)
    if not wav2vec2:
        return subjects
    return subjects | _sound("wav2vec2", None, share=WAV2VEC2_SHARE)


def _sound(name: AudioEncoderName, bundle: Path | None, share: float = 1.0) -> Subjects:
    speech = np.concatenate([one.audio for one in sample_recordings()])
    centres_s = window_centres_s(speech.size, WINDOW_S)
    windows = windows_at(speech, centres_s, CONTEXT_SAMPLES[name])
    subjects: Subjects = {}
    for device in ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",):
        for dtype in candidates(device):
            word = str(dtype).removeprefix("torch.")
            settings = AudioSettings.model_validate({"encoder": name, "precision": word})
            encoder = load_audio_encoder(settings, bundle, untrained=bundle is None, device=device)
            title = f"audio, {name}, {word}{'' if device == 'cpu' else f', {device}'}"
            for n in WINDOWS:
                batches = [windows[at : at + n] for at in range(0, len(windows) - n + 1, n)]
                subjects[title, n] = _turns(encoder.encode, batches, batch=n, share=share)
                if name == "wav2vec2" and (device, dtype) == ("cpu", torch.bfloat16):
                    subjects[f"{title}, all cores", n] = _turns(
                        _on_all_cores(encoder), batches, batch=n, share=share, all_cores=True
                    )
    return subjects


def face_subjects(bundle: Path | None, landmarker: Path | None) -> Subjects:
    """A frame of the sample meeting: decoded, searched for a face, and read with a track.

    Args:
        bundle: folder of the embedded encoder's weights; None: random ones.
        landmarker: MediaPipe's `.task` file; None leaves MediaPipe out.

    Raises:
        MediaError: an encoder sees no face in the sample meeting.
    """
    clips = [[image for _, image in one.frames[:FRAMES_OF_EACH]] for one in sample_recordings()]
    encoder = load_face_encoder(FaceSettings(), bundle, untrained=bundle is None)
    grey = [[_decoded(image, colour=False) for image in clip] for clip in clips]
    followed = _followed(encoder, grey)
    subjects = {
        **_decoding("decode 640x360", clips[0][0]),
        **_decoding("decode 1280x720", _enlarged(clips[0][0])),
        ("face, searched", 1): _searched(encoder, grey),
    }
    for n in FRAMES:
        batches = [followed[at : at + n] for at in range(0, len(followed) - n + 1, n)]
        subjects["face", n] = _turns(encoder.encode_all, batches, batch=n)
    if landmarker is not None:
        subjects |= _mediapipe(landmarker, [[_decoded(image) for image in clip] for clip in clips])
    return subjects


def _mediapipe(landmarker: Path, clips: list[list[Image]]) -> Subjects:
    """On one core and on all: it computes in threads of its own, which stay where they started."""
    # Where PortAudio is missing, MediaPipe keeps that error, and with it the stack of who imported it:
    # encoders held by ours would be closed too late, by an interpreter half gone.
    importing = Thread(target=import_module, args=("mediapipe.tasks.python.vision",))
    importing.start()
    importing.join()
    settings = FaceSettings(encoder="mediapipe", landmarker=str(landmarker))
    with on_cores(one_core()):
        kept = load_face_encoder(settings, None)
    free = load_face_encoder(settings, None)
    followed = _followed(kept, clips)
    return {
        ("face, MediaPipe", 1): _turns(lambda one: kept.encode(*one), followed),
        ("face, MediaPipe, searched", 1): _searched(kept, clips),
        ("face, MediaPipe, all cores", 1): _turns(
            lambda one: free.encode(*one), followed, all_cores=True
        ),
    }


def _followed(encoder: FaceEncoder, clips: list[list[Image]]) -> list[tuple[Image, FaceTrack]]:
    """Frames that a face was known in before, with the track that the frame before handed on."""
    followed = []
    for frames in clips:
        track: FaceTrack | None = None
        for frame in frames:
            if track is not None:
                followed.append((frame, track))
            reading = encoder.encode(frame, track)
            track = None if reading is None else reading.track
    if not followed:
        raise MediaError(f"the {encoder.name} face encoder sees no face in {SAMPLE_MEETING}")
    return followed


def _searched(encoder: FaceEncoder, clips: list[list[Image]]) -> Timed:
    frames = [frame for clip in clips for frame in clip]
    return _turns(lambda frame: encoder.encode(frame, None), frames)


def _decoding(name: str, jpeg: bytes) -> Subjects:
    return {
        (name, 1): Timed(lambda _: _decoded(jpeg, colour=False)),
        (f"{name}, in colour", 1): Timed(lambda _: _decoded(jpeg)),
    }


def _decoded(jpeg: bytes, *, colour: bool = True) -> Image:
    return decode_image(jpeg, FaceSettings(), colour=colour)


def _enlarged(jpeg: bytes) -> bytes:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    large = cv2.resize(np.asarray(picture), LARGE, interpolation=cv2.INTER_CUBIC)
    encoded = cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
    return bytes(encoded.tobytes())


def _on_all_cores(encoder: AudioEncoder) -> Callable[[NDArray[np.float32]], object]:
    def encode(windows: NDArray[np.float32]) -> None:
        before = torch.get_num_threads()
        torch.set_num_threads(len(available_cores()))
        try:
            encoder.encode(windows)
        finally:
            torch.set_num_threads(before)

    return encode


def _turns(call: Callable[[T], object], items: Sequence[T], **how: Any) -> Timed:
    return Timed(lambda i: call(items[i % len(items)]), **how)
