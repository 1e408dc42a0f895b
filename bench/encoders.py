"""How fast each encoder is by itself, on one core: no service, no decoding, no queue."""

from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.audio_rates import measure_audio_rates
from bench.load import SAMPLE_MEETING, speaking_all_the_time
from bench.machine import describe_machine
from bench.rounds import (
    Timed,
    can_pin,
    on_cores,
    one_compute_thread,
    one_core,
    time_in_turns,
)
from hoovik.audio.encoder import AudioEncoder, load_audio_encoder
from hoovik.audio.windows import window_centres_s, windows_at
from hoovik.errors import MediaError
from hoovik.face.encoder import FaceEncoder, FaceTrack, load_face_encoder
from hoovik.face.image import decode_image
from hoovik.layout import WINDOW_S
from hoovik.media.meeting import load_meeting
from hoovik.settings import AudioSettings, FaceSettings
from hoovik_client.recording import read_recording

FRAMES_OF_EACH = 60
"""Of each of the sample meeting's clips: 12 s at 5 fps."""

EMBEDDED_BATCHES = (1, 4, 16)
WAV2VEC2_BATCHES = (1, 4)
WAV2VEC2_SHARE = 0.25

RATIOS = (
    ("mediapipe_face_tracked", "embedded_face_tracked"),
    ("mediapipe_face_all_cores", "embedded_face_tracked"),
    ("mediapipe_face_searched", "embedded_face_searched"),
    ("embedded_face_searched", "embedded_face_tracked"),
    ("wav2vec2_audio_1", "embedded_audio_1"),
    ("wav2vec2_audio_4", "embedded_audio_4"),
    ("embedded_audio_1", "embedded_audio_16"),
    ("wav2vec2_audio_1", "wav2vec2_audio_4"),
)

Picture = NDArray[np.uint8]


def measure_encoders(
    bundle: Path,
    landmarker: Path | None,
    *,
    untrained: bool = False,
    wav2vec2: bool = True,
    repetitions: int = 200,
    rate_s: float | None = 6.0,
) -> dict[str, Any]:
    """Time the encoders in turn on the sample meeting, with one compute thread on one core.

    Then the audio encoders by batch and number type, see `measure_audio_rates`.

    Args:
        bundle: folder of the embedded encoders' weights.
        landmarker: MediaPipe's `.task` file; None leaves MediaPipe out.
        untrained: random weights for the embedded encoders too, and no bundle read.
        wav2vec2: whether to time it, with random weights of the published shapes, in float32.
        repetitions: timed calls of each; a quarter of them for wav2vec2.
        rate_s: seconds for the rates of each audio encoder; None leaves them out.

    Returns:
        `encoders`: by name `median_ms` and `p95_ms` of a frame or a window, the number `n` of timed
        calls, the `batch` of a call and whether `untrained`; `ratios` of medians, by "a / b", as
        far as both were timed; `audio_rates`, a list of `AudioRate`s as dicts; `machine`.

    Raises:
        BundleError: weights that are absent, altered or of another network.
        ConfigurationError: the `.task` file cannot be read.
        MediaError: the sample meeting is not there, or an encoder sees no face in it.
        ValueError: less than one repetition.
    """
    machine = {**describe_machine(), "pinned": can_pin()}
    recordings = [
        read_recording(participant.file)
        for participant in load_meeting(SAMPLE_MEETING).participants
    ]
    shots = [
        [decode_image(image, FaceSettings()) for _, image in recording.frames[:FRAMES_OF_EACH]]
        for recording in recordings
    ]
    speech = np.concatenate([speaking_all_the_time(one).audio for one in recordings])
    windows = windows_at(speech, window_centres_s(speech.size, WINDOW_S))
    with one_compute_thread():
        face = load_face_encoder(FaceSettings(), bundle, untrained=untrained)
        audio = load_audio_encoder(AudioSettings(), bundle, untrained=untrained)
        subjects = {
            "embedded_face_tracked": _tracked(face, _followed(face, shots), untrained=untrained),
            "embedded_face_searched": _searched(face, shots, untrained=untrained),
        }
        for batch in EMBEDDED_BATCHES:
            subjects[f"embedded_audio_{batch}"] = _heard(audio, windows, batch, untrained=untrained)
        if landmarker is not None:
            subjects |= _mediapipe(landmarker, shots)
        if wav2vec2:
            subjects |= _wav2vec2(windows)
        times_ms = time_in_turns(subjects, repetitions)
    rates = (
        []
        if rate_s is None
        else measure_audio_rates(
            None if untrained else bundle, windows, wav2vec2=wav2vec2, seconds=rate_s
        )
    )
    figures = {name: _figures(subjects[name], times_ms[name]) for name in subjects}
    ratios = {
        f"{slow} / {fast}": figures[slow]["median_ms"] / figures[fast]["median_ms"]
        for slow, fast in RATIOS
        if slow in figures and fast in figures
    }
    return {
        "encoders": figures,
        "ratios": ratios,
        "audio_rates": [asdict(rate) for rate in rates],
        "machine": machine,
    }


def _mediapipe(landmarker: Path, shots: list[list[Picture]]) -> dict[str, Timed]:
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
    followed = _followed(kept, shots)
    return {
        "mediapipe_face_tracked": _tracked(kept, followed),
        "mediapipe_face_searched": _searched(kept, shots),
        "mediapipe_face_all_cores": _tracked(free, followed, all_cores=True),
    }


def _wav2vec2(windows: NDArray[np.float32]) -> dict[str, Timed]:
    settings = AudioSettings(encoder="wav2vec2", precision="float32")
    encoder = load_audio_encoder(settings, None, untrained=True)
    return {
        f"wav2vec2_audio_{batch}": _heard(
            encoder, windows, batch, share=WAV2VEC2_SHARE, untrained=True
        )
        for batch in WAV2VEC2_BATCHES
    }


def _followed(encoder: FaceEncoder, shots: list[list[Picture]]) -> list[tuple[Picture, FaceTrack]]:
    """Frames that a face was known in before, with the track that the frame before handed on."""
    followed = []
    for frames in shots:
        track: FaceTrack | None = None
        for frame in frames:
            if track is not None:
                followed.append((frame, track))
            reading = encoder.encode(frame, track)
            track = None if reading is None else reading.track
    if not followed:
        raise MediaError(f"the {encoder.name} face encoder sees no face in {SAMPLE_MEETING}")
    return followed


def _tracked(encoder: FaceEncoder, followed: list[tuple[Picture, FaceTrack]], **how: Any) -> Timed:
    return Timed(lambda i: encoder.encode(*followed[i % len(followed)]), **how)


def _searched(encoder: FaceEncoder, shots: list[list[Picture]], **how: Any) -> Timed:
    frames = [frame for shot in shots for frame in shot]
    return Timed(lambda i: encoder.encode(frames[i % len(frames)], None), **how)


def _heard(encoder: AudioEncoder, windows: NDArray[np.float32], batch: int, **how: Any) -> Timed:
    batches = [windows[at : at + batch] for at in range(0, len(windows) - batch + 1, batch)]
    return Timed(lambda i: encoder.encode(batches[i % len(batches)]), batch=batch, **how)


def _figures(subject: Timed, times_ms: NDArray[np.float64]) -> dict[str, Any]:
    median_ms, p95_ms = np.percentile(times_ms / subject.batch, [50, 95])
    return {
        "median_ms": float(median_ms),
        "p95_ms": float(p95_ms),
        "n": times_ms.size,
        "batch": subject.batch,
        "untrained": subject.untrained,
    }
