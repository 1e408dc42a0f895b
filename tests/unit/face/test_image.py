"""What comes in as a picture, and what is refused, before anything is decoded."""

import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hoovik.errors import HoovikError, ImageError, ImageTooLargeError
from hoovik.face.image import check_image, decode_image
from hoovik.settings import FaceSettings

SETTINGS = FaceSettings()
RED, GREEN, BLUE, WHITE = (250, 10, 10), (10, 250, 10), (10, 10, 250), (250, 250, 250)


def corners(width: int = 320, height: int = 240) -> NDArray[np.uint8]:
    """Red, green / blue, white; each quarter of the picture one colour."""
    picture = np.zeros((height, width, 3), np.uint8)
    top, left = slice(0, height // 2), slice(0, width // 2)
    bottom, right = slice(height // 2, None), slice(width // 2, None)
    for rows, columns, colour in (
        (top, left, RED),
        (top, right, GREEN),
        (bottom, left, BLUE),
        (bottom, right, WHITE),
    ):
        picture[rows, columns] = colour
    return picture


def encoded(picture: NDArray[np.uint8], kind: str = ".jpg", *options: int) -> bytes:
    """RGB, RGBA or grey."""
    if picture.ndim == 3:
        swap = cv2.COLOR_RGBA2BGRA if picture.shape[2] == 4 else cv2.COLOR_RGB2BGR
        picture = cv2.cvtColor(picture, swap)
    return cv2.imencode(kind, picture, options)[1].tobytes()


def quarters(picture: NDArray[np.uint8]) -> list[tuple[int, ...]]:
    """Colours in the middle of the quarters, rounded to those of `corners`."""
    height, width = picture.shape[:2]
    named = np.array([RED, GREEN, BLUE, WHITE])
    found = []
    for row, column in ((1, 1), (1, 3), (3, 1), (3, 3)):
        pixel = picture[row * height // 4, column * width // 4].astype(int)
        nearest = named[np.abs(named - pixel).sum(axis=1).argmin()]
        assert np.abs(nearest - pixel).max() < 20
        found.append(tuple(nearest.tolist()))
    return found


JPEG = encoded(corners())
PNG = encoded(corners(), ".png")
SMALL_JPEG = encoded(corners(48, 32), ".jpg", cv2.IMWRITE_JPEG_RST_INTERVAL, 2)
PROGRESSIVE = encoded(corners(48, 32), ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
SMALL_PNG = encoded(corners(48, 32), ".png")


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IEND", b"")


def jpeg_of_size(width: int, height: int) -> bytes:
    """The sample JPEG with another size written into its start-of-frame segment."""
    at = JPEG.index(b"\xff\xc0") + 5
    return JPEG[:at] + struct.pack(">HH", height, width) + JPEG[at + 4 :]


def with_orientation(jpeg: bytes, orientation: int) -> bytes:
    """A JPEG with an EXIF segment that holds nothing but an orientation."""
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    body = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 0)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


@pytest.mark.parametrize("data", [JPEG, PNG], ids=["JPEG", "PNG"])
def test_a_picture_comes_out_as_rgb(data: bytes) -> None:
    assert check_image(data, SETTINGS) == (320, 240)
    picture = decode_image(data, SETTINGS)
    assert picture.shape == (240, 320, 3)
    assert picture.dtype == np.uint8
    assert quarters(picture) == [RED, GREEN, BLUE, WHITE]


def test_a_grey_picture_has_three_equal_channels() -> None:
    grey = np.repeat(np.arange(0, 256, 2, dtype=np.uint8)[None], 64, axis=0)
    for kind in (".jpg", ".png"):
        picture = decode_image(encoded(grey, kind), SETTINGS)
        assert picture.shape == (64, 128, 3)
        assert np.ptp(picture, axis=2).max() == 0
        assert np.abs(picture[..., 0].astype(int) - grey).max() < 8


@pytest.mark.parametrize("kind", [".jpg", ".png"])
@pytest.mark.parametrize("side", [320, 1600])
def test_without_colour_it_is_the_brightness(kind: str, side: int) -> None:
    data = encoded(corners(side, side // 2), kind)
    coloured = decode_image(data, SETTINGS)
    grey = decode_image(data, SETTINGS, colour=False)
    assert grey.shape == coloured.shape[:2]
    assert grey.dtype == np.uint8
    expected = cv2.cvtColor(coloured, cv2.COLOR_RGB2GRAY).astype(int)
    assert np.abs(grey - expected).mean() < 2


def test_transparency_is_dropped() -> None:
    alpha = np.full((240, 320, 1), 40, np.uint8)
    picture = decode_image(encoded(np.concatenate([corners(), alpha], axis=2), ".png"), SETTINGS)
    assert picture.shape == (240, 320, 3)
    assert quarters(picture) == [RED, GREEN, BLUE, WHITE]


def test_sixteen_bits_a_channel_become_eight() -> None:
    deep = cv2.imencode(".png", np.full((8, 8, 3), 0x8000, np.uint16))[1].tobytes()
    picture = decode_image(deep, SETTINGS)
    assert picture.dtype == np.uint8
    assert np.abs(picture.astype(int) - 128).max() <= 1


@pytest.mark.parametrize(
    ("orientation", "shown", "size"),
    [
        (1, [RED, GREEN, BLUE, WHITE], (240, 320)),
        (2, [GREEN, RED, WHITE, BLUE], (240, 320)),
        (3, [WHITE, BLUE, GREEN, RED], (240, 320)),
        (6, [BLUE, RED, WHITE, GREEN], (320, 240)),
        (8, [GREEN, WHITE, RED, BLUE], (320, 240)),
    ],
)
def test_the_way_a_camera_was_held_is_honoured(
    orientation: int, shown: list[tuple[int, ...]], size: tuple[int, int]
) -> None:
    picture = decode_image(with_orientation(JPEG, orientation), SETTINGS)
    assert picture.shape[:2] == size
    assert quarters(picture) == shown


@pytest.mark.parametrize(
    ("side", "decoded"),
    [(639, 639), (1279, 1279), (1280, 640), (1920, 960), (2559, 1280), (2560, 640), (4096, 1024)],
)
def test_a_large_jpeg_is_decoded_at_reduced_scale(side: int, decoded: int) -> None:
    picture = decode_image(encoded(corners(side, side // 2)), SETTINGS)
    assert picture.shape[1] == decoded
    assert quarters(picture) == [RED, GREEN, BLUE, WHITE]


def test_an_eighth_is_the_least() -> None:
    settings = FaceSettings(decode_side_px=32)
    assert decode_image(encoded(corners(1024, 512)), settings).shape == (64, 128, 3)


def test_a_large_png_keeps_its_size() -> None:
    assert decode_image(encoded(corners(1600, 800), ".png"), SETTINGS).shape == (800, 1600, 3)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xd8", id="two bytes of a JPEG"),
        pytest.param(b"\x89PNG\r\n\x1a\n", id="eight bytes of a PNG"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="text"),
        pytest.param(
            b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\x00\x00\x00"
            b"\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;",
            id="a GIF",
        ),
        pytest.param(b"RIFF\x1a\0\0\0WEBPVP8L", id="a WebP"),
        pytest.param(encoded(corners(), ".bmp"), id="a BMP"),
        pytest.param(png_of_size(0, 10), id="a PNG of no width"),
        pytest.param(png_of_size(10, 10), id="a PNG without pixels"),
        pytest.param(jpeg_of_size(320, 0), id="a JPEG of no height"),
        pytest.param(b"\xff\xd8" + b"\0" * 100, id="a JPEG of zeros"),
        pytest.param(b"\xff\xd8\xff\xe0\xff\xff" + b"\0" * 100, id="a JPEG that skips its end"),
        pytest.param(b"\xff\xd8" + b"\xff" * 100, id="a JPEG of fill bytes"),
    ],
)
def test_what_is_no_picture_is_a_bad_image(data: bytes) -> None:
    with pytest.raises(ImageError) as refusal:
        decode_image(data, SETTINGS)
    assert refusal.value.code == "BAD_IMAGE"


@pytest.mark.parametrize("kept", [0.02, 0.3, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("data", [JPEG, PNG, PROGRESSIVE], ids=["JPEG", "PNG", "progressive"])
def test_a_picture_that_is_cut_off_is_a_bad_image(data: bytes, kept: float) -> None:
    with pytest.raises(ImageError):
        decode_image(data[: int(kept * len(data))], SETTINGS)


@pytest.mark.parametrize("padding", [b"\0", b"\0" * 500])
def test_padding_behind_the_end_is_no_damage(padding: bytes) -> None:
    for data in (JPEG, PNG):
        assert decode_image(data + padding, SETTINGS).shape == (240, 320, 3)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(png_of_size(60_000, 60_000), "60000x60000", id="a PNG bomb"),
        pytest.param(png_of_size(4_097, 1), "4097x1", id="one pixel too wide"),
        pytest.param(png_of_size(1, 4_097), "1x4097", id="one pixel too high"),
        pytest.param(jpeg_of_size(65_535, 65_535), "65535x65535", id="a JPEG bomb"),
        pytest.param(JPEG + b"\0" * 5_000_000, "4194304", id="five megabytes"),
    ],
)
def test_a_picture_beyond_the_limits_is_refused_before_it_is_decoded(
    data: bytes, said: str
) -> None:
    for refuse in (check_image, decode_image):
        with pytest.raises(ImageTooLargeError, match=said) as refusal:
            refuse(data, SETTINGS)
        assert refusal.value.code == "IMAGE_TOO_LARGE"


def answers(data: bytes) -> None:
    try:
        picture = decode_image(data, SETTINGS)
    except HoovikError:
        return
    assert picture.dtype == np.uint8
    assert picture.ndim == 3
    assert picture.shape[2] == 3
    assert 1 <= max(picture.shape[:2]) <= SETTINGS.max_side_px


@given(
    head=st.sampled_from([b"", b"\xff\xd8", b"\xff\xd8\xff\xe0\0\x10", SMALL_PNG[:16]]),
    body=st.binary(max_size=300),
    tail=st.sampled_from([b"", SMALL_JPEG[-2:], SMALL_PNG[-12:]]),
)
def test_any_bytes_are_a_picture_or_refused(head: bytes, body: bytes, tail: bytes) -> None:
    answers(head + body + tail)


@given(
    original=st.sampled_from([SMALL_JPEG, PROGRESSIVE, SMALL_PNG]),
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8
    ),
)
def test_a_damaged_picture_is_a_picture_or_refused(
    original: bytes, changes: list[tuple[float, int]]
) -> None:
    data = bytearray(original)
    for place, value in changes:
        data[int(place * len(data))] = value
    answers(bytes(data))
