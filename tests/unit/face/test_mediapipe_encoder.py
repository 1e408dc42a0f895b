"""MediaPipe's landmarker on the faces of the sample meeting."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from hoovik.errors import BundleError, ConfigurationError
from hoovik.face.encoder import FaceReading, FaceTrack, load_face_encoder
from hoovik.face.landmarker import Mesh
from hoovik.face.mediapipe_encoder import CROP_PX, MediaPipeEncoder
from hoovik.settings import FaceSettings
from tests.faces import PITCH, ROLL, Picture


@pytest.fixture(scope="module")
def task(data: Path) -> Path:
    return data / "models" / "face_landmarker.task"


@pytest.fixture(scope="module")
def encoder(task: Path) -> Iterator[MediaPipeEncoder]:
    encoder = MediaPipeEncoder.load(str(task))
    yield encoder
    # MediaPipe complains where the interpreter ends first.
    encoder._landmarker.close()


def seen(encoder: MediaPipeEncoder, picture: Picture) -> FaceReading:
    reading = encoder.encode(np.ascontiguousarray(picture), None)
    assert reading is not None
    return reading


@pytest.mark.data
@pytest.mark.parametrize("file", ["mira.mp4", "jonas.webm"])
def test_a_face_in_view_is_found_while_its_track_is_carried(
    encoder: MediaPipeEncoder, clips: dict[str, list[Picture]], file: str
) -> None:
    track: FaceTrack | None = None
    found = 0
    for picture in clips[file]:
        reading = encoder.encode(picture, track)
        track = None if reading is None else reading.track
        if reading is not None:
            found += 1
            assert reading.vector.shape == (326,)
            assert reading.vector.dtype == np.float32
            assert np.isfinite(reading.vector).all()
            assert 0 <= reading.vector[272:323].min() <= reading.vector[272:323].max() <= 1
    assert found >= 0.95 * len(clips[file])


@pytest.mark.data
def test_only_the_crop_is_looked_at_while_a_track_holds(
    encoder: MediaPipeEncoder, clips: dict[str, list[Picture]], monkeypatch: pytest.MonkeyPatch
) -> None:
    views: list[tuple[int, ...]] = []
    see = encoder._landmarker.see

    def seeing(picture: Picture) -> Mesh | None:
        views.append(picture.shape)
        return see(picture)

    track = seen(encoder, clips["mira.mp4"][0]).track
    monkeypatch.setattr(encoder._landmarker, "see", seeing)
    for picture in clips["mira.mp4"][1:20]:
        reading = encoder.encode(picture, track)
        assert reading is not None
        track = reading.track
    assert views == [(CROP_PX, CROP_PX, 3)] * 19


@pytest.mark.data
@pytest.mark.parametrize("file", ["mira.mp4", "jonas.webm"])
def test_with_a_track_it_reads_the_same_face(
    encoder: MediaPipeEncoder, clips: dict[str, list[Picture]], file: str
) -> None:
    picture = clips[file][50]
    whole = seen(encoder, picture)
    tracked = encoder.encode(picture, whole.track)
    assert tracked is not None
    # Inter-ocular distances, and radians.
    assert np.abs(tracked.vector[:272] - whole.vector[:272]).max() < 0.1
    assert np.abs(tracked.vector[PITCH:] - whole.vector[PITCH:]).max() < 0.15
    assert tracked.track.cx == pytest.approx(whole.track.cx, abs=0.02)
    assert tracked.track.side == pytest.approx(whole.track.side, rel=0.1)


@pytest.mark.data
@pytest.mark.parametrize("away", [(-0.25, 0.0), (0.25, 0.0), (0.0, -0.2), (0.0, 0.2), (0.2, 0.15)])
def test_the_pose_is_that_of_the_picture_wherever_the_head_lies(
    encoder: MediaPipeEncoder, clips: dict[str, list[Picture]], away: tuple[float, float]
) -> None:
    picture = clips["mira.mp4"][25]
    height, width = picture.shape[:2]
    shift = np.array([[1, 0, away[0] * width], [0, 1, away[1] * height]])
    moved = np.asarray(
        cv2.warpAffine(picture, shift, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
    whole = seen(encoder, moved)
    tracked = encoder.encode(moved, whole.track)
    assert tracked is not None
    # Uncorrected, six to nine degrees.
    assert np.degrees(np.abs(tracked.vector[PITCH:] - whole.vector[PITCH:])).max() < 4


@pytest.mark.data
def test_a_track_that_lost_its_face_is_given_up(
    encoder: MediaPipeEncoder, clips: dict[str, list[Picture]]
) -> None:
    picture = clips["mira.mp4"][50]
    reading = encoder.encode(picture, FaceTrack(0.05, 0.1, 0.08, 0.0))
    assert reading is not None
    assert reading.track.cx == pytest.approx(seen(encoder, picture).track.cx, abs=0.02)


@pytest.mark.data
def test_a_picture_without_a_face_has_no_reading(encoder: MediaPipeEncoder) -> None:
    grey = np.full((360, 640, 3), 128, np.uint8)
    assert encoder.encode(grey, None) is None
    assert encoder.encode(grey, FaceTrack(0.5, 0.5, 0.3, 0.0)) is None


@pytest.mark.data
@pytest.mark.parametrize("file", ["mira.mp4", "jonas.webm"])
def test_a_head_turned_clockwise_has_more_roll(
    encoder: MediaPipeEncoder, clips: dict[str, list[Picture]], file: str
) -> None:
    picture = clips[file][50]
    height, width = picture.shape[:2]
    upright = seen(encoder, picture)
    for degrees in (-20, 20):
        # OpenCV counts counter-clockwise.
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
        leaning = cv2.warpAffine(picture, matrix, (width, height))
        turned = seen(encoder, leaning)
        tracked = encoder.encode(leaning, turned.track)
        assert tracked is not None
        for now, before in (
            (turned.vector[ROLL], upright.vector[ROLL]),
            (turned.track.roll, upright.track.roll),
            (tracked.vector[ROLL], upright.vector[ROLL]),
        ):
            assert now - before == pytest.approx(np.radians(degrees), abs=np.radians(7))
        assert np.abs(turned.vector[:272] - upright.vector[:272]).max() < 0.15


@pytest.mark.data
@pytest.mark.parametrize("file", ["mira.mp4", "jonas.webm"])
def test_a_mirrored_head_looks_and_leans_the_other_way(
    encoder: MediaPipeEncoder, clips: dict[str, list[Picture]], file: str
) -> None:
    pictures = clips[file][::4]
    plain = np.array([seen(encoder, picture).vector[PITCH:] for picture in pictures])
    mirrored = np.array([seen(encoder, picture[:, ::-1]).vector[PITCH:] for picture in pictures])
    assert mirrored[:, 0].mean() == pytest.approx(plain[:, 0].mean(), abs=0.05)
    for angle in (1, 2):
        telling = np.abs(plain[:, angle]) > np.quantile(np.abs(plain[:, angle]), 0.7)
        assert telling.sum() >= 10
        assert (np.sign(mirrored[telling, angle]) == -np.sign(plain[telling, angle])).mean() > 0.9


@pytest.mark.data
@pytest.mark.parametrize("file", ["mira.mp4", "jonas.webm"])
def test_the_shape_of_the_picture_does_not_change_the_face(
    encoder: MediaPipeEncoder, clips: dict[str, list[Picture]], file: str
) -> None:
    picture = clips[file][50]
    high = cv2.copyMakeBorder(picture, 140, 140, 0, 0, cv2.BORDER_REPLICATE)
    difference = seen(encoder, high).vector - seen(encoder, picture).vector
    assert np.abs(difference[:272]).max() < 0.1
    assert np.abs(difference[PITCH:]).max() < 0.1


@pytest.mark.data
def test_another_digest_is_refused(task: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"0{64} expected"):
        MediaPipeEncoder.load(str(task), "0" * 64)
    content = bytearray(task.read_bytes())
    content[1000] ^= 1
    altered = tmp_path / "face_landmarker.task"
    altered.write_bytes(content)
    with pytest.raises(BundleError) as refusal:
        MediaPipeEncoder.load(str(altered))
    assert hashlib.sha256(content).hexdigest() in refusal.value.message


@pytest.mark.data
def test_a_pinned_digest_may_be_written_in_capitals(task: Path) -> None:
    digest = hashlib.sha256(task.read_bytes()).hexdigest().upper()
    settings = FaceSettings(encoder="mediapipe", landmarker=str(task), landmarker_sha256=digest)
    assert load_face_encoder(settings, None).name == "mediapipe"


def test_a_file_that_is_not_there_is_a_wrong_setting(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.task", tmp_path):
        with pytest.raises(ConfigurationError, match=str(path)):
            MediaPipeEncoder.load(str(path))


def test_a_pinned_file_that_is_no_landmarker_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "face_landmarker.task"
    file.write_bytes(b"no task")
    with pytest.raises(BundleError, match=r"face_landmarker\.task"):
        MediaPipeEncoder.load(str(file), hashlib.sha256(b"no task").hexdigest())
