"""Photographs of faces, sorted by person: the packed folder `faces`."""

import hashlib
from pathlib import Path

import cv2
import numpy as np

from training.corpora.clip import Clip, CorpusError, Modality
from training.corpora.labels import label_of
from training.corpora.packed import INDEX, png, read_packed, unsqueezed

UNNAMED = "facialexpressions"
"""How the few file names begin that name no person."""


def read_faces(root: Path) -> list[Clip]:
    """Every photograph, in the order of the index.

    Those that lie there squeezed into a square get their own aspect ratio back, and are laid on a
    square. As they lie there, the squeeze would tell the class: it is that of a few film stills.

    Args:
        root: a packed folder whose index has `name`, `emotion` and `original_size` (n, 2).

    Raises:
        CorpusError: no such folder, or an emotion that is not known.
    """
    pictures, index = read_packed(root, ("name", "emotion", "original_size"))
    rows = zip(*(index[key].tolist() for key in ("name", "emotion", "original_size")), strict=True)
    clips = []
    for number, (picture, (name, emotion, (width, height))) in enumerate(
        zip(pictures, rows, strict=True)
    ):
        try:
            label = label_of(emotion)
        except KeyError:
            raise CorpusError(
                f"{root / INDEX}, row {number}: no emotion {emotion!r}; such as anger, neutral "
                "or happiness expected"
            ) from None
        clips.append(
            Clip(
                corpus="faces",
                name=f"{number:05d}/{name}",  # a few file names occur twice
                speaker=_owner(name, picture),
                sex=None,
                label=label,
                modality=Modality.STILL,
                media=picture if width == height else _squared(picture, (width, height)),
            )
        )
    return clips


def letters_of(name: str) -> str:
    """The letters of a picture's name: all that tells its person, and all that decides its split.

    Args:
        name: a file name, or the name of a clip.
    """
    return "".join(filter(str.isalpha, name.rsplit(".", 1)[0])).lower()


def _squared(picture: bytes, original_size: tuple[int, int]) -> bytes:
    image = unsqueezed(picture, original_size)
    height, width = image.shape
    across, down = max(height - width, 0), max(width - height, 0)
    # A square is taken to show one face and nothing else, whoever it is of; see `seeing.held_up`.
    sides = down // 2, down - down // 2, across // 2, across - across // 2
    return png(np.asarray(cv2.copyMakeBorder(image, *sides, cv2.BORDER_REPLICATE), np.uint8))


def _owner(name: str, picture: bytes) -> str:
    person = letters_of(name)
    if person.startswith(UNNAMED):
        return f"faces-{hashlib.sha256(picture).hexdigest()[:16]}"
    return person
