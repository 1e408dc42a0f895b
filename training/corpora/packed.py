"""A packed folder of pictures: all of them end to end in one file, and an index beside it."""

import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from training.corpora.clip import CorpusError

INDEX = "index.npz"
PICTURES = "images.jpgs"

Columns = dict[str, NDArray[Any]]


def read_packed(
    root: Path, columns: tuple[str, ...], others: tuple[str, ...] = ()
) -> tuple[list[bytes], Columns]:
    """The encoded pictures of a packed folder, and columns of its index.

    Args:
        root: holds `images.jpgs` and `index.npz`, whose `offset` has one entry more than there are
            pictures.
        columns: of the index, with a row for each picture.
        others: arrays of the index with other rows.

    Raises:
        CorpusError: no such folder, or an index that does not fit the pictures.
    """
    try:
        with np.load(root / INDEX, allow_pickle=False) as stored:
            offsets: NDArray[Any] = stored["offset"]
            index = {column: stored[column] for column in (*columns, *others)}
        content = (root / PICTURES).read_bytes()
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise CorpusError(
            f"no packed pictures in {root} ({error}); {PICTURES} and {INDEX} with offset, "
            f"{', '.join((*columns, *others))} expected"
        ) from error
    rows = {len(index[column]) for column in columns}
    if rows != {len(offsets) - 1} or rows == {0} or offsets[-1] != len(content):
        raise CorpusError(
            f"{root / INDEX} has {', '.join(map(str, sorted(rows)))} rows and {len(offsets)} "
            f"offsets for {len(content)} bytes of pictures; one offset more than rows, the last at "
            "the end, expected"
        )
    return [content[start:end] for start, end in pairwise(offsets.tolist())], index


def unsqueezed(encoded: bytes, original_size: tuple[int, int]) -> NDArray[np.uint8]:
    """Decode a picture and undo its squeeze into a square, by shrinking its shorter side.

    Args:
        encoded: of any size.
        original_size: width and height of what was squeezed.

    Returns:
        (H, W) uint8, grey, in the aspect ratio of the original.
    """
    image = np.asarray(
        cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8
    )
    width, height = original_size
    scale = max(image.shape) / max(width, height)
    size = round(width * scale), round(height * scale)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def png(image: NDArray[np.uint8]) -> bytes:
    """Encode pixels (H, W) as they are: stored, not deflated, whatever zlib there is."""
    encoded, content = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 0])
    if not encoded:
        raise ValueError("the picture cannot be written as PNG")
    return content.tobytes()
