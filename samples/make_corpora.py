"""Makes stand-in corpora: ``python samples/make_corpora.py --out DIR``.

A few seconds and a few frames of the sample meeting, laid out as RAVDESS, EMO-DB, FER+ and
`faces` are, under labels that mean nothing. With them the whole of training can be run where no
corpus is; what it learns is worth nothing.
"""

import argparse
import hashlib
from collections import Counter
from itertools import count, product
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from hoovik.face.embedded import EmbeddedFaceEncoder
from hoovik.face.encoder import DETECTOR_FILE, STUDENT_FILE, FaceTrack
from hoovik.face.layout import BLENDSHAPE_NAMES, LANDMARK_IDS
from hoovik.face.student import look
from hoovik.face.student_network import StudentNet
from hoovik.layout import SAMPLE_RATE
from hoovik.media.clip import Clip, read_clip
from hoovik.settings import MODEL_ARTIFACTS
from hoovik.weights import load_weights
from training.splits import EMODB_SPEAKERS, RAVDESS_ACTORS, Split, ferplus_split

WEIGHTS = MODEL_ARTIFACTS / "embedded"
MEETING = Path(__file__).parent / "meeting"
FILES = ("mira.mp4", "jonas.webm")
CLIP_S = 1.8
FER_PX = 48
PER_SPLIT_AND_CLASS = 2
UNSURE = 12
"""Pictures on which the taggers do not agree."""
PHOTOGRAPHS = 160
PHOTOGRAPH_PX = 112
FACE_EMOTIONS = ("anger", "disgust", "fear", "happiness", "sadness", "neutral")
IN_THE_MIDDLE = FaceTrack(cx=0.5, cy=0.5, side=0.9, roll=0.0)

Grey = NDArray[np.uint8]


def main() -> None:
    """Write all four corpora."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the corpora")
    out: Path = parser.parse_args().out
    rng = np.random.default_rng(0)
    clips = [read_clip(MEETING / file, fps=5) for file in FILES]
    _write_ravdess(out / "ravdess", clips, rng)
    _write_emodb(out / "emodb", clips, rng)
    faces = [(grey, track) for clip in clips for grey, track in _faces(clip)]
    _write_ferplus(out / "ferplus", faces, rng)
    _write_photographs(out / "faces", faces, rng)
    print(f"stand-in corpora in {out}")


def _voice(clips: list[Clip], rng: np.random.Generator) -> NDArray[np.float32]:
    """A piece of somebody's speech, higher or lower."""
    sound = clips[int(rng.integers(len(clips)))].audio
    n = int(CLIP_S * SAMPLE_RATE)
    pieces = [sound[start : start + n] for start in rng.integers(0, sound.size - n, 8)]
    loudest = max(pieces, key=lambda piece: float(np.square(piece).mean()))
    return np.asarray(soxr.resample(loudest, SAMPLE_RATE * rng.uniform(0.85, 1.15), SAMPLE_RATE))


def _write_ravdess(folder: Path, clips: list[Clip], rng: np.random.Generator) -> None:
    for actors, emotion in product(RAVDESS_ACTORS.values(), range(1, 8)):
        actor = actors[0]
        path = folder / f"Actor_{actor:02d}" / f"03-01-{emotion:02d}-01-01-01-{actor:02d}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, _voice(clips, rng), SAMPLE_RATE)


def _write_emodb(folder: Path, clips: list[Clip], rng: np.random.Generator) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for speakers, letter in product(EMODB_SPEAKERS.values(), "WEAFTN"):
        soundfile.write(
            folder / f"{speakers[0]:02d}a01{letter}a.wav", _voice(clips, rng), SAMPLE_RATE
        )


def _faces(clip: Clip) -> list[tuple[Grey, FaceTrack]]:
    """Every few frames of a clip and where its face is."""
    encoder, found = _encoder(), []
    track: FaceTrack | None = None
    for frame in clip.frames[::6]:
        picture = cv2.imdecode(np.frombuffer(frame.jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
        reading = encoder.encode(picture, track)
        track = None if reading is None else reading.track
        if track is not None:
            found.append((np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)), track))
    return found


def _encoder() -> EmbeddedFaceEncoder:
    return EmbeddedFaceEncoder.from_files(WEIGHTS / DETECTOR_FILE, WEIGHTS / STUDENT_FILE)


def _cropped(faces: list[tuple[Grey, FaceTrack]], side_px: int, rng: np.random.Generator) -> Grey:
    """A square with a face that nearly fills it, lighter or darker."""
    grey, track = faces[int(rng.integers(len(faces)))]
    height, width = grey.shape
    half = track.side * width * rng.uniform(0.5, 0.6)
    x, y = track.cx * width + rng.normal(0, 2), track.cy * height + rng.normal(0, 2)
    matrix = np.array([[side_px / (2 * half), 0, 0], [0, side_px / (2 * half), 0]])
    matrix[:, 2] = side_px / 2 - matrix[:, :2] @ [x, y]
    crop = cv2.warpAffine(grey, matrix, (side_px, side_px), borderMode=cv2.BORDER_REPLICATE)
    return np.clip(crop * rng.uniform(0.7, 1.3), 0, 255).astype(np.uint8)


def _write_ferplus(
    folder: Path, faces: list[tuple[Grey, FaceTrack]], rng: np.random.Generator
) -> None:
    """Pictures until every split, which their content decides, has every class."""
    n = len(FACE_EMOTIONS)
    wanted = len(Split) * n * PER_SPLIT_AND_CLASS
    have: Counter[tuple[Split, int]] = Counter()
    jpegs, usages, votes = [], [], []
    for number in count():
        if have.total() == wanted and len(jpegs) == wanted + UNSURE:
            break
        usage = ("Training", "PublicTest")[number % 2]
        emotion = number // 2 % n
        jpeg = cv2.imencode(".jpg", _cropped(faces, FER_PX, rng))[1].tobytes()
        split = ferplus_split(usage, hashlib.sha256(jpeg).hexdigest())
        sure = have[split, emotion] < PER_SPLIT_AND_CLASS
        if sure:
            have[split, emotion] += 1
        elif split is not Split.TRAIN or len(jpegs) - have.total() == UNSURE:
            continue
        jpegs.append(jpeg)
        usages.append(usage)
        votes.append(np.roll([7, 3, 0, 0, 0, 0] if sure else [4, 3, 0, 3, 0, 0], emotion))
    _pack(
        folder,
        jpegs,
        name=np.array([f"fer{number:07d}.jpg" for number in range(len(jpegs))]),
        usage=np.array(usages),
        votes=np.array(votes, np.int8),
        vote_names=np.array(FACE_EMOTIONS),
    )


def _write_photographs(
    folder: Path, faces: list[tuple[Grey, FaceTrack]], rng: np.random.Generator
) -> None:
    """Photographs with the embedded encoder's own answers in the place of a teacher's."""
    student = StudentNet()
    load_weights(student, WEIGHTS / STUDENT_FILE, "face encoder")
    student.eval()
    jpegs, names, emotions, points, blendshapes, matrices = [], [], [], [], [], []
    for number in range(PHOTOGRAPHS):
        picture = _cropped(faces, PHOTOGRAPH_PX, rng)
        (seen,) = look(student, [(picture, IN_THE_MIDDLE)])
        if seen is None:
            continue
        jpegs.append(cv2.imencode(".jpg", picture)[1].tobytes())
        # Two pictures of each person, whose name decides on the split.
        names.append(f"{_letters(number // 2)}_{number % 2:04d}.jpg")
        emotions.append(FACE_EMOTIONS[number // 2 % len(FACE_EMOTIONS)])
        points.append(seen.points_px / PHOTOGRAPH_PX)
        blendshapes.append(np.concatenate([[0.0], seen.blendshapes]))
        matrices.append(_rotation(*seen.pose.tolist()))
    _pack(
        folder,
        jpegs,
        name=np.array(names),
        emotion=np.array(emotions),
        original_size=np.full((len(jpegs), 2), PHOTOGRAPH_PX),
        landmark_ids=np.array(LANDMARK_IDS),
        landmarks_xy=np.array(points),
        blendshape_names=np.array(["_neutral", *BLENDSHAPE_NAMES]),
        blendshapes=np.array(blendshapes),
        transformation_matrix=np.array(matrices),
    )


def _pack(folder: Path, jpegs: list[bytes], **columns: NDArray[Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "images.jpgs").write_bytes(b"".join(jpegs))
    np.savez(folder / "index.npz", offset=np.cumsum([0, *map(len, jpegs)]), **columns)


def _letters(number: int) -> str:
    """A name of its own for each number."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:03d}")


def _rotation(pitch: float, yaw: float, roll: float) -> NDArray[np.float64]:
    """A 4x4 matrix of which `pose_angles` reads these angles, up to small terms."""
    forward = np.array([np.cos(pitch) * np.sin(yaw), np.sin(pitch), np.cos(pitch) * np.cos(yaw)])
    level = np.array([np.cos(yaw), 0.0, -np.sin(yaw)])
    sideways = np.cos(roll) * level - np.sin(roll) * np.cross(forward, level)
    matrix = np.eye(4)
    matrix[:3, :3] = np.column_stack([sideways, np.cross(forward, sideways), forward])
    return matrix


if __name__ == "__main__":
    main()
