"""The embedded encoder: its weights as shipped, on the faces of the sample meeting."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from torch import Tensor

from hoovik.errors import BundleError
from hoovik.face.embedded import EmbeddedFaceEncoder
from hoovik.face.encoder import DETECTOR_FILE, STUDENT_FILE, FaceTrack
from hoovik.face.image import decode_image
from hoovik.face.network import Cells, DetectorNet
from hoovik.face.student_network import StudentNet
from hoovik.layout import BLENDSHAPES, FACE_DIM, LANDMARKS
from hoovik.media.clip import read_clip
from hoovik.settings import FaceSettings
from hoovik.weights import load_weights
from tests.faces import BUNDLE, Picture, followed

NOWHERE = FaceTrack(cx=0.1, cy=0.85, side=0.15, roll=0.0)


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize("file", ["mira.mp4", "jonas.webm"])
def test_a_face_in_view_is_found_while_its_track_is_carried(
    encoder: EmbeddedFaceEncoder, clips: dict[str, list[Picture]], file: str
) -> None:
    readings = followed(encoder, clips[file])
    found = [reading for reading in readings if reading is not None]
    assert len(found) >= 0.95 * len(readings)
    # It stays on the one face that there is.
    centres = np.array([(reading.track.cx, reading.track.cy) for reading in found])
    assert np.abs(np.diff(centres, axis=0)).max() < 0.1


@pytest.mark.parametrize("file", ["mira.mp4", "jonas.webm"])
def test_a_face_is_found_without_a_track(
    encoder: EmbeddedFaceEncoder, clips: dict[str, list[Picture]], file: str
) -> None:
    frames = clips[file][::12]
    found = sum(encoder.encode(frame, None) is not None for frame in frames)
    assert found >= 0.95 * len(frames)


def test_a_reading_has_the_layout(
    encoder: EmbeddedFaceEncoder, clips: dict[str, list[Picture]]
) -> None:
    reading = encoder.encode(clips["mira.mp4"][0], None)
    assert reading is not None
    assert reading.vector.shape == (FACE_DIM,)
    assert reading.vector.dtype == np.float32
    assert np.isfinite(reading.vector).all()
    shapes = reading.vector[BLENDSHAPES]
    assert shapes.min() >= 0
    assert shapes.max() <= 1
    assert reading.vector[LANDMARKS].reshape(-1, 2)[:, 0].std() > 0.2


def test_reading_is_repeatable(
    encoder: EmbeddedFaceEncoder, clips: dict[str, list[Picture]]
) -> None:
    first, again = (encoder.encode(clips["jonas.webm"][5], None) for _ in range(2))
    assert first is not None
    assert again is not None
    np.testing.assert_array_equal(first.vector, again.vector)
    assert first.track == again.track


def noise(rng: np.random.Generator) -> Picture:
    return rng.integers(0, 256, (360, 640, 3)).astype(np.uint8)


def smooth_noise(rng: np.random.Generator) -> Picture:
    small = rng.integers(0, 256, (9, 16, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(small, (640, 360), interpolation=cv2.INTER_CUBIC), np.uint8)


def gradient(rng: np.random.Generator) -> Picture:
    corners = rng.integers(0, 256, (2, 2, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(corners, (640, 360)), np.uint8)


def flat(rng: np.random.Generator) -> Picture:
    return np.full((360, 640, 3), rng.integers(0, 256), np.uint8)


@pytest.mark.parametrize(
    ("make", "mistaken"), [(noise, 0), (smooth_noise, 4), (gradient, 0), (flat, 0)]
)
def test_there_is_no_face_where_none_is(
    encoder: EmbeddedFaceEncoder, make: Callable[[np.random.Generator], Picture], mistaken: int
) -> None:
    """Blots in the right places look like a face now and then, where one was just before."""
    rng = np.random.default_rng(0)
    whole = FaceTrack(cx=0.5, cy=0.5, side=0.5, roll=0.0)
    pictures = [make(rng) for _ in range(20)]
    assert sum(encoder.encode(picture, None) is not None for picture in pictures) <= mistaken / 4
    assert sum(encoder.encode(picture, whole) is not None for picture in pictures) <= mistaken


def test_a_track_on_the_background_is_given_up_for_the_face(
    encoder: EmbeddedFaceEncoder, clips: dict[str, list[Picture]]
) -> None:
    picture = clips["mira.mp4"][0]
    searched, lost = encoder.encode(picture, None), encoder.encode(picture, NOWHERE)
    assert searched is not None
    assert lost is not None
    assert lost.track == searched.track


def test_a_face_that_is_gone_is_not_followed_onto_the_background(
    encoder: EmbeddedFaceEncoder, clips: dict[str, list[Picture]]
) -> None:
    reading = encoder.encode(clips["jonas.webm"][0], None)
    assert reading is not None
    empty = cv2.GaussianBlur(clips["jonas.webm"][0][:, :120], (0, 0), 9)
    background = np.asarray(cv2.resize(empty, (640, 360)), np.uint8)
    assert encoder.encode(background, reading.track) is None


@pytest.mark.parametrize(
    ("height", "width"),
    [(1, 1), (1, 640), (360, 1), (2, 3), (17, 4096), (4096, 4096), (97, 33)],
)
@pytest.mark.parametrize("track", [None, NOWHERE, FaceTrack(1.0, 0.0, 1e-4, 3.0)])
def test_any_size_is_read(
    encoder: EmbeddedFaceEncoder, height: int, width: int, track: FaceTrack | None
) -> None:
    picture = np.zeros((height, width, 3), np.uint8)
    picture[::2] = 200
    reading = encoder.encode(picture, track)
    assert reading is None or np.isfinite(reading.vector).all()


def test_a_face_reads_the_same_at_three_times_the_size(
    encoder: EmbeddedFaceEncoder, clips: dict[str, list[Picture]]
) -> None:
    picture = clips["mira.mp4"][0]
    large = np.asarray(cv2.resize(picture, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC))
    one, other = encoder.encode(picture, None), encoder.encode(large, None)
    assert one is not None
    assert other is not None
    assert other.track.cx == pytest.approx(one.track.cx, abs=0.02)
    assert np.abs(one.vector - other.vector)[LANDMARKS].mean() < 0.05


def test_several_pictures_are_read_as_each_by_itself(
    encoder: EmbeddedFaceEncoder, clips: dict[str, list[Picture]]
) -> None:
    first, later = clips["mira.mp4"][0], clips["mira.mp4"][3]
    reading = encoder.encode(first, None)
    assert reading is not None
    track = reading.track
    aside = replace(track, cx=track.cx + 0.25 * track.side)  # looked at twice
    nobody = np.full((360, 640, 3), 90, np.uint8)
    sights = [(later, track), (nobody, track), (first, None), (later, aside), (later, NOWHERE)]
    together = encoder.encode_all(sights)
    assert [one is None for one in together] == [False, True, False, False, False]
    for (picture, known), one in zip(sights, together, strict=True):
        alone = encoder.encode(picture, known)
        if one is not None and alone is not None:
            np.testing.assert_allclose(one.vector, alone.vector, atol=1e-3)
            assert one.track.cx == pytest.approx(alone.track.cx, abs=1e-4)
    assert encoder.encode_all([]) == []


class Blind(DetectorNet):
    """A detector that must not be asked."""

    def forward(self, pictures: Tensor) -> Cells:
        raise AssertionError(f"the whole picture was searched, at {pictures.shape}")


def test_nothing_is_searched_while_a_track_holds(
    encoder: EmbeddedFaceEncoder, clips: dict[str, list[Picture]]
) -> None:
    student = StudentNet()
    load_weights(student, BUNDLE / STUDENT_FILE, "face encoder")
    follower = EmbeddedFaceEncoder(Blind(), student)
    for frames in clips.values():
        first = encoder.encode(frames[0], None)
        assert first is not None
        assert all(followed(follower, frames[1:40], first.track))
    with pytest.raises(AssertionError, match="searched"):
        follower.encode(frames[0], NOWHERE)


def test_a_grey_picture_reads_as_the_coloured_one(
    encoder: EmbeddedFaceEncoder, meeting_folder: Path
) -> None:
    assert not encoder.colour
    track, differences = None, []
    for frame in read_clip(meeting_folder / "mira.mp4", fps=5).frames[:30]:
        coloured, grey = (
            encoder.encode(decode_image(frame.jpeg, FaceSettings(), colour=colour), track)
            for colour in (True, False)
        )
        assert coloured is not None
        assert grey is not None
        differences.append(np.abs(coloured.vector - grey.vector)[LANDMARKS])
        track = coloured.track
    # In inter-ocular distances; a pixel of these frames is about a hundredth of one.
    assert np.median(differences) < 1e-3
    assert np.max(differences) < 1e-2


def test_absent_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"nothing\.safetensors"):
        EmbeddedFaceEncoder.from_files(tmp_path / "nothing.safetensors", BUNDLE / STUDENT_FILE)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="another network"):
        EmbeddedFaceEncoder.from_files(BUNDLE / STUDENT_FILE, BUNDLE / DETECTOR_FILE)
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes((BUNDLE / STUDENT_FILE).read_bytes()[:1000])
    with pytest.raises(BundleError, match=r"damaged\.safetensors"):
        EmbeddedFaceEncoder.from_files(BUNDLE / DETECTOR_FILE, damaged)


def test_random_weights_work_and_are_repeatable(clips: dict[str, list[Picture]]) -> None:
    picture = clips["mira.mp4"][0]
    track = FaceTrack(cx=0.5, cy=0.5, side=0.4, roll=0.1)
    one, same = (EmbeddedFaceEncoder.untrained(3).encode(picture, track) for _ in range(2))
    assert (one is None) == (same is None)
    if one is not None and same is not None:
        np.testing.assert_array_equal(one.vector, same.vector)


def test_the_weights_are_small() -> None:
    sizes = [(BUNDLE / file).stat().st_size for file in (DETECTOR_FILE, STUDENT_FILE)]
    assert sum(sizes) < 5_000_000
