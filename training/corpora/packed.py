"""A packed folder of pictures: all JPEGs end to end in one file, and an index beside it."""

import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.corpora.clip import CorpusError

INDEX = "index.npz"
PICTURES = "images.jpgs"


def read_packed(root: Path, columns: tuple[str, ...]) -> tuple[list[bytes], list[tuple[str, ...]]]:
    """The pictures of a packed folder and, for each, some columns of its index as text.

    Args:
        root: holds `images.jpgs` and `index.npz`, whose `offset` has one entry more than there are
            pictures.
        columns: of the index.

    Raises:
        CorpusError: no such folder, or an index that does not fit the pictures.
    """
    try:
        with np.load(root / INDEX) as stored:
            offsets: NDArray[Any] = stored["offset"]
            texts = [stored[column].astype(str).tolist() for column in columns]
        content = (root / PICTURES).read_bytes()
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise CorpusError(
            f"no packed pictures in {root} ({error}); {PICTURES} and {INDEX} with offset, "
            f"{', '.join(columns)} expected"
        ) from error
    rows = list(zip(*texts, strict=True))
    if len(rows) < 1 or len(offsets) != len(rows) + 1 or offsets[-1] != len(content):
        raise CorpusError(
            f"{root / INDEX} has {len(rows)} rows and {len(offsets)} offsets for {len(content)} "
            "bytes of pictures; one offset more than rows, the last at the end, expected"
        )
    return [content[start:end] for start, end in pairwise(offsets.tolist())], rows
