"""FER2013 (Goodfellow et al. 2013): 48x48 grey faces of nobody known."""

import csv
import hashlib
from pathlib import Path

import numpy as np

from training.corpora.clip import Clip, CorpusError, Modality
from training.corpora.labels import label_of
from training.corpora.packed import INDEX, png, read_packed

SIDE_PX = 48
USAGES = ("Training", "PublicTest", "PrivateTest")
"""The parts that the corpus itself has, in the order in which a picture in two of them counts."""

_EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def read_fer2013(root: Path) -> list[Clip]:
    """Every picture, in the order of the index or of the rows.

    Args:
        root: a packed folder, a folder that holds `fer2013.csv`, or such a file.

    Raises:
        CorpusError: neither is there, or a row does not parse.
    """
    if (root / INDEX).is_file():
        return _packed(root)
    path = root / "fer2013.csv" if root.is_dir() else root
    if not path.is_file():
        raise CorpusError(f"no FER2013 at {root}; {INDEX} and pictures, or fer2013.csv, expected")
    return _table(path)


def _packed(root: Path) -> list[Clip]:
    columns = ("name", "emotion", "usage")
    pictures, index = read_packed(root, columns)
    rows = zip(*(index[column].tolist() for column in columns), strict=True)
    clips = []
    for picture, (name, emotion, usage) in zip(pictures, rows, strict=True):
        try:
            clips.append(_clip(name, label_of(emotion), usage, picture))
        except (KeyError, ValueError) as error:
            raise CorpusError(f"{root / INDEX}, picture {name}: {error}") from error
    return clips


def _table(path: Path) -> list[Clip]:
    clips = []
    with path.open(newline="", encoding="utf-8-sig") as opened:
        for number, row in enumerate(csv.DictReader(opened)):
            try:
                usage = row["Usage"].strip()
                label = label_of(_EMOTIONS[int(row["emotion"])])
                clips.append(_clip(f"{usage}/{number:05d}", label, usage, _png(row["pixels"])))
            except (KeyError, ValueError, IndexError, AttributeError) as error:
                raise CorpusError(
                    f"{path}, row {number + 1} does not parse ({error!r}); emotion (0 to 6), "
                    f"pixels ({SIDE_PX * SIDE_PX} of 0 to 255) and Usage expected"
                ) from error
    if not clips:
        raise CorpusError(f"{path} has no rows; emotion, pixels and Usage expected")
    return clips


def _png(pixels: str) -> bytes:
    values = np.array(pixels.split(), np.int64)
    if values.size != SIDE_PX * SIDE_PX or values.min() < 0 or values.max() > 255:
        raise ValueError(f"{values.size} pixels, or some that are not 0 to 255")
    return png(values.astype(np.uint8).reshape(SIDE_PX, SIDE_PX))


def _clip(name: str, label: int | None, usage: str, picture: bytes) -> Clip:
    if usage not in USAGES:
        raise ValueError(f"usage {usage!r}; one of {', '.join(USAGES)} expected")
    return Clip(
        corpus="fer2013",
        name=name,
        speaker=f"fer2013-{hashlib.sha256(picture).hexdigest()[:16]}",
        sex=None,
        label=label,
        modality=Modality.STILL,
        media=picture,
        usage=usage,
    )
