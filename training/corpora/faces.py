"""Photographs of faces, sorted by person: the packed folder `faces`."""

import hashlib
from pathlib import Path

from training.corpora.clip import Clip, CorpusError, Modality
from training.corpora.labels import label_of
from training.corpora.packed import INDEX, read_packed

UNNAMED = "facialexpressions"
"""How the few file names begin that name no person."""


def read_faces(root: Path) -> list[Clip]:
    """Every photograph, in the order of the index.

    Args:
        root: the packed folder.

    Raises:
        CorpusError: no such folder, or an emotion that is not known.
    """
    pictures, rows = read_packed(root, ("name", "emotion"))
    clips = []
    for number, (picture, (name, emotion)) in enumerate(zip(pictures, rows, strict=True)):
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
                media=picture,
            )
        )
    return clips


def letters_of(name: str) -> str:
    """The letters of a picture's name: all that tells its person, and all that decides its split.

    Args:
        name: a file name, or the name of a clip.
    """
    return "".join(filter(str.isalpha, name.rsplit(".", 1)[0])).lower()


def _owner(name: str, picture: bytes) -> str:
    person = letters_of(name)
    if person.startswith(UNNAMED):
        return f"faces-{hashlib.sha256(picture).hexdigest()[:16]}"
    return person
