"""Pictures of the still corpora: where they lie, whose they are, what they show."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from hoovik.schema.emotion import EMOTIONS
from training.splits import Split, face_split, fer2013_split

LABELS = {
    "angry": "angry",
    "anger": "angry",
    "fear": "fearful",
    "disgust": "disgust",
    "happy": "happy",
    "happiness": "happy",
    "sad": "sad",
    "sadness": "sad",
    "neutral": "neutral/calm",
}
"""Class of each corpus label; contempt and surprise are none of ours."""

UNNAMED = "facialexpressions"
"""How the few file names of `faces` begin that name no person."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One labelled picture.

    Attributes:
        corpus: "fer2013" or "faces".
        owner: the person, or the picture's own digest where nobody is named.
        label: index into EMOTIONS; None for a label that is none of ours.
        split: what the owner is for.
        jpeg: the file's bytes.
    """

    corpus: str
    owner: str
    label: int | None
    split: Split
    jpeg: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the picture, in hex."""
        return hashlib.sha256(self.jpeg).hexdigest()


def find_pictures(data: Path) -> list[Picture]:
    """All pictures of fer2013/ and faces/ under a data folder, in the order of their indices."""
    return [*_fer2013(data / "fer2013"), *_faces(data / "faces")]


def _fer2013(folder: Path) -> Iterator[Picture]:
    index, jpegs = _contents(folder)
    for usage, emotion, jpeg in zip(index["usage"], index["emotion"], jpegs, strict=True):
        digest = hashlib.sha256(jpeg).hexdigest()
        split = fer2013_split(str(usage), digest)
        yield Picture("fer2013", f"fer2013-{digest[:16]}", _label(str(emotion)), split, jpeg)


def _faces(folder: Path) -> Iterator[Picture]:
    index, jpegs = _contents(folder)
    for name, emotion, jpeg in zip(index["name"], index["emotion"], jpegs, strict=True):
        # The letters of a file's name are all that the split of a person looks at.
        person = "".join(filter(str.isalpha, str(name).rsplit(".", 1)[0])).lower()
        owner = person
        if person.startswith(UNNAMED):
            owner = f"faces-{hashlib.sha256(jpeg).hexdigest()[:16]}"
        yield Picture("faces", owner, _label(str(emotion)), face_split(person), jpeg)


def _contents(folder: Path) -> tuple[dict[str, np.ndarray], Iterator[bytes]]:
    with np.load(folder / "index.npz") as stored:
        index = {field: stored[field] for field in stored.files if field != "landmarks_xy"}
    content = (folder / "images.jpgs").read_bytes()
    offsets = index["offset"].tolist()
    return index, (content[start:end] for start, end in pairwise(offsets))


def _label(emotion: str) -> int | None:
    return EMOTIONS.index(LABELS[emotion]) if emotion in LABELS else None
