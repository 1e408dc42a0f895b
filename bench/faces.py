"""What one frame of a tracked face takes, part by part: decoding, cutting, reading."""

from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bench.load import SAMPLE_MEETING
from bench.rounds import Timed
from hoovik.errors import MediaError
from hoovik.face.embedded import EmbeddedFaceEncoder, compiled_student
from hoovik.face.encoder import DETECTOR_FILE, STUDENT_FILE, FaceTrack
from hoovik.face.image import decode_image
from hoovik.face.student import Student, upright_view
from hoovik.face.student_network import StudentNet
from hoovik.media.meeting import load_meeting
from hoovik.settings import FaceSettings
from hoovik.weights import load_weights
from hoovik_client.recording import read_recording

Known = tuple[NDArray[np.uint8], FaceTrack]
WHEREVER = FaceTrack(cx=0.5, cy=0.55, side=0.5, roll=0.0)
"""A face nearly fills the frame; where it does not, it is searched."""

FRAMES = (1, 2, 4)
"""Frames of a batch; the face pool's are no larger."""
LARGE = (1280, 720)
QUALITY = 80


def face_subjects(bundle: Path | None) -> dict[tuple[str, int], Timed]:
    """What to time of a frame of the sample meeting, by part and frames of a call.

    Args:
        bundle: folder of the embedded encoder's weights; None: random ones.

    Raises:
        MediaError: the encoder sees no face in the sample meeting.
    """
    student = StudentNet().eval()
    if bundle is None:
        encoder = EmbeddedFaceEncoder.untrained(0)
    else:
        encoder = EmbeddedFaceEncoder.from_files(bundle / DETECTOR_FILE, bundle / STUDENT_FILE)
        load_weights(student, bundle / STUDENT_FILE, "face encoder")
    recording = read_recording(load_meeting(SAMPLE_MEETING).participants[0].file)
    jpegs = [image for _, image in recording.frames[: max(FRAMES)]]
    sights = _followed(encoder, jpegs)
    views = [upright_view(grey, track)[0] for grey, track in sights]
    crops = torch.from_numpy(np.stack(views)).float()
    plain = StudentNet().eval()
    plain.load_state_dict(student.state_dict())
    compiled = compiled_student(student)
    subjects = {
        **_decoding("decode 640x360", jpegs[0]),
        **_decoding("decode 1280x720", _enlarged(jpegs[0])),
        ("crop", 1): Timed(lambda _: upright_view(*sights[0])),
    }
    for n in FRAMES:
        subjects |= {
            ("student", n): Timed(partial(_read, compiled, crops[:n]), n),
            ("student, not compiled", n): Timed(partial(_read, plain, crops[:n]), n),
            ("face", n): Timed(partial(_together, encoder, sights[:n]), n),
            ("face, one by one", n): Timed(partial(_one_by_one, encoder, sights[:n]), n),
        }
    return subjects


def _followed(encoder: EmbeddedFaceEncoder, jpegs: list[bytes]) -> list[Known]:
    """Grey frames and the tracks that their faces have in them."""
    sights = []
    for jpeg in jpegs:
        grey = decode_image(jpeg, FaceSettings(), colour=False)
        reading = encoder.encode(grey, WHEREVER)
        if reading is None:
            raise MediaError(f"the embedded face encoder sees no face in {SAMPLE_MEETING}")
        sights.append((grey, reading.track))
    return sights


def _decoding(name: str, jpeg: bytes) -> dict[tuple[str, int], Timed]:
    settings = FaceSettings()
    return {
        (name, 1): Timed(lambda _: decode_image(jpeg, settings, colour=False)),
        (f"{name}, in colour", 1): Timed(lambda _: decode_image(jpeg, settings)),
    }


def _enlarged(jpeg: bytes) -> bytes:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    large = cv2.resize(np.asarray(picture), LARGE, interpolation=cv2.INTER_CUBIC)
    encoded = cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
    return bytes(encoded.tobytes())


def _read(student: Student, crops: Tensor, _: int) -> None:
    with torch.inference_mode():
        student(crops)


def _together(encoder: EmbeddedFaceEncoder, sights: list[Known], _: int) -> None:
    encoder.encode_all(sights)


def _one_by_one(encoder: EmbeddedFaceEncoder, sights: list[Known], _: int) -> None:
    for grey, track in sights:
        encoder.encode(grey, track)
