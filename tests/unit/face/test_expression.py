"""The expression network: what it tells, what it needs, and that a bundle may lack it."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from hoovik.errors import BundleError
from hoovik.face.embedded import EmbeddedFaceEncoder
from hoovik.face.encoder import (
    DETECTOR_FILE,
    EXPRESSION_FILE,
    STUDENT_FILE,
    load_face_encoder,
)
from hoovik.face.expression import SIDE_PX, ExpressionNet, compiled_expression, expressions
from hoovik.face.student_network import CROP_PX
from hoovik.layout import EXPRESSION_DIM
from hoovik.settings import FaceSettings
from hoovik.weights import save_network
from tests.faces import BUNDLE, Picture

LARGEST_BYTES = 5_000_000

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def network() -> ExpressionNet:
    torch.manual_seed(0)
    return ExpressionNet().eval()


@pytest.fixture(scope="module")
def views() -> list[Picture]:
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (3, 16, 16)).astype(np.uint8)
    return [np.asarray(cv2.resize(one, (CROP_PX, CROP_PX)), np.uint8) for one in small]


@pytest.fixture
def folder(tmp_path: Path, network: ExpressionNet) -> Path:
    """A bundle's folder whose encoders tell expressions, by random weights."""
    for name in (DETECTOR_FILE, STUDENT_FILE):
        shutil.copyfile(BUNDLE / name, tmp_path / name)
    save_network(network, tmp_path / EXPRESSION_FILE)
    return tmp_path


def test_every_crop_has_six_logits_of_its_own(network: ExpressionNet, views: list[Picture]) -> None:
    logits = expressions(network, views)
    assert logits.shape == (3, EXPRESSION_DIM)
    assert logits.dtype == np.float32
    for row, view in enumerate(views):
        np.testing.assert_allclose(expressions(network, [view])[0], logits[row], atol=1e-5)
    assert len(np.unique(logits, axis=0)) == 3
    assert expressions(network, []).shape == (0, EXPRESSION_DIM)


def test_compiled_it_says_the_same_again_and_again(
    network: ExpressionNet, views: list[Picture]
) -> None:
    plain = expressions(network, views)
    fast = compiled_expression(network)
    np.testing.assert_allclose(expressions(fast, views), plain, atol=1e-4)
    np.testing.assert_array_equal(expressions(fast, views), expressions(fast, views))


def test_light_and_contrast_change_nothing(network: ExpressionNet, views: list[Picture]) -> None:
    dim = [np.asarray(np.rint(0.5 * view + 40), np.uint8) for view in views]
    np.testing.assert_allclose(expressions(network, dim), expressions(network, views), atol=0.05)


def test_detail_beyond_its_own_pixels_is_averaged(network: ExpressionNet) -> None:
    rows = np.arange(SIDE_PX) * 5 % 256
    coarse = np.repeat(rows[None].astype(np.uint8), SIDE_PX, axis=0)
    view = np.asarray(
        cv2.resize(coarse, (CROP_PX, CROP_PX), interpolation=cv2.INTER_NEAREST), np.uint8
    )
    chequered = np.indices((CROP_PX, CROP_PX)).sum(axis=0) % 2 * 8
    rough = np.asarray(np.clip(view.astype(int) + chequered - 4, 0, 255), np.uint8)
    change = np.abs(expressions(network, [rough]) - expressions(network, [view]))
    other = np.abs(expressions(network, [view[:, ::-1].copy()]) - expressions(network, [view]))
    assert change.max() < 0.25 * other.max()


def test_a_reading_tells_the_expression_of_its_own_face(
    folder: Path, clips: dict[str, list[Picture]]
) -> None:
    encoder = load_face_encoder(FaceSettings(), folder)
    frames = clips["mira.mp4"][:3]
    first = encoder.encode(frames[0], None)
    assert first is not None
    nobody = np.full_like(frames[0], 90)
    sights = [(frames[1], first.track), (nobody, first.track), (frames[2], first.track)]
    together = encoder.encode_all(sights)
    assert [one is None for one in together] == [False, True, False]
    for (picture, track), one in zip(sights, together, strict=True):
        alone = encoder.encode(picture, track)
        if one is not None and alone is not None:
            assert one.expression is not None
            assert alone.expression is not None
            assert one.expression.shape == (EXPRESSION_DIM,)
            np.testing.assert_allclose(one.expression, alone.expression, atol=1e-4)


def test_without_its_file_there_is_no_expression_and_nothing_else_changes(
    folder: Path, clips: dict[str, list[Picture]]
) -> None:
    picture = clips["mira.mp4"][0]
    told = load_face_encoder(FaceSettings(), folder).encode(picture, None)
    (folder / EXPRESSION_FILE).unlink()
    untold = load_face_encoder(FaceSettings(), folder).encode(picture, None)
    assert told is not None
    assert untold is not None
    assert untold.expression is None
    np.testing.assert_array_equal(told.vector, untold.vector)
    assert told.track == untold.track


def test_its_file_is_small_and_holds_half_precision(folder: Path, network: ExpressionNet) -> None:
    file = folder / EXPRESSION_FILE
    assert file.stat().st_size < LARGEST_BYTES
    assert file.stat().st_size < 2.2 * sum(one.numel() for one in network.parameters())


def test_weights_of_another_network_are_refused(folder: Path) -> None:
    shutil.copyfile(folder / STUDENT_FILE, folder / EXPRESSION_FILE)
    with pytest.raises(BundleError, match="another network"):
        load_face_encoder(FaceSettings(), folder)


def test_random_weights_tell_expressions_too(clips: dict[str, list[Picture]]) -> None:
    reading = EmbeddedFaceEncoder.untrained(0).encode(clips["mira.mp4"][0], None)
    assert reading is not None
    assert reading.expression is not None
    assert np.isfinite(reading.expression).all()
