"""From bytes to pixels, safely: the header is read and judged before anything is decoded."""

import struct

import cv2
import numpy as np
from numpy.typing import NDArray

from hoovik.errors import ImageError, ImageTooLargeError
from hoovik.settings import FaceSettings

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"IEND\xaeB`\x82"
_JPEG = b"\xff\xd8"
_JPEG_END = b"\xff\xd9"
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_END_SEARCH_BYTES = 1024

_COLOUR = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}
_GREY = {
    1: cv2.IMREAD_GRAYSCALE,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
}
"""A JPEG keeps its brightness by itself: without the rest, half of the decoding falls away."""


def check_image(data: bytes, settings: FaceSettings) -> tuple[int, int]:
    """Width and height in pixels of a JPEG or PNG, from its header alone; microseconds.

    Raises:
        ImageTooLargeError: more bytes, or more pixels a side, than allowed.
        ImageError: neither JPEG nor PNG, a damaged header, or a file that lacks its end.
    """
    if len(data) > settings.max_bytes:
        raise ImageTooLargeError(
            f"image of {len(data)} bytes; at most {settings.max_bytes} are allowed"
        )
    if data.startswith(_PNG):
        size, end = _png_size(data), _PNG_END
    elif data.startswith(_JPEG):
        size, end = _jpeg_size(data), _JPEG_END
    else:
        raise ImageError(f"{len(data)} bytes that are neither JPEG nor PNG")
    if max(size) > settings.max_side_px:
        raise ImageTooLargeError(
            f"image of {size[0]}x{size[1]} pixels; at most {settings.max_side_px} a side"
        )
    if min(size) < 1:
        raise ImageError(f"image of {size[0]}x{size[1]} pixels")
    # A decoder fills what is missing with grey, and a face half grey is no face. Some encoders pad
    # behind the end.
    if end not in data[-_END_SEARCH_BYTES:]:
        raise ImageError(f"the image is cut off after {len(data)} bytes")
    return size


def decode_image(data: bytes, settings: FaceSettings, *, colour: bool = True) -> NDArray[np.uint8]:
    """Pixels (H, W, 3) uint8 RGB of a JPEG or PNG, or (H, W) uint8 grey.

    JPEGs are decoded at 1/2, 1/4 or 1/8 while the longer side stays above `decode_side_px`, which
    costs a fraction of a full decode. An EXIF orientation is honoured.

    Raises:
        ImageTooLargeError: as `check_image`.
        ImageError: as `check_image`, or what follows the header is damaged.
    """
    size = check_image(data, settings)
    divisor = 1
    while (
        data.startswith(_JPEG)
        and divisor < max(_COLOUR)
        and max(size) / (2 * divisor) >= settings.decode_side_px
    ):
        divisor *= 2
    try:
        decoded = cv2.imdecode(
            np.frombuffer(data, np.uint8), (_COLOUR if colour else _GREY)[divisor]
        )
    except cv2.error as error:
        raise ImageError(f"the image cannot be decoded: {error.err}") from error
    if decoded is None:
        raise ImageError(f"the image of {len(data)} bytes cannot be decoded")
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB) if colour else decoded, np.uint8)


def _png_size(data: bytes) -> tuple[int, int]:
    if len(data) < 24 or data[12:16] != b"IHDR":
        raise ImageError("a PNG without its header")
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Size from the first start-of-frame segment (ITU-T T.81, B.2.2)."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise ImageError(f"a JPEG with a damaged header at byte {at}")
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
        elif marker in _STANDALONE:
            at += 2
        elif marker in _START_OF_FRAME:
            if at + 9 > len(data):
                break
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        else:
            at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    raise ImageError("a JPEG that ends before its size")
