"""The embedded encoder on heads that turn, come nearer and are mirrored."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from hoovik.face.embedded import EmbeddedFaceEncoder
from hoovik.face.mediapipe_encoder import MediaPipeEncoder
from tests.faces import PITCH, ROLL, YAW, Picture, followed, pictures

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def teacher(data: Path) -> Iterator[MediaPipeEncoder]:
    encoder = MediaPipeEncoder.load(str(data / "models" / "face_landmarker.task"))
    yield encoder
    # MediaPipe complains where the interpreter ends first.
    encoder._landmarker.close()


@pytest.fixture(scope="module")
def heads(data: Path) -> list[Picture]:
    """Some frames of people who move their heads."""
    files = ("vr_1.mp4", "vr_2.mp4", "lp_d12.mp4")
    return [frame for file in files for frame in pictures(data / "recordings" / file)[::7]]


def moved(picture: Picture, turn_deg: float, scale: float = 1.0) -> Picture:
    """A picture turned clockwise and scaled around its middle; what is beyond it is black."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -turn_deg, scale)
    return np.asarray(cv2.warpAffine(picture, matrix, (width, height)), np.uint8)


@pytest.mark.parametrize("direction", [1, -1])
def test_a_turning_head_is_followed_and_its_pose_is_the_pictures(
    encoder: EmbeddedFaceEncoder, clips: dict[str, list[Picture]], direction: int
) -> None:
    turns_deg = direction * np.arange(0, 36, 5)
    readings = followed(encoder, [moved(clips["mira.mp4"][0], turn) for turn in turns_deg])
    assert all(reading is not None for reading in readings)
    rolls_deg = [np.degrees(reading.vector[ROLL]) for reading in readings if reading is not None]
    np.testing.assert_allclose(np.subtract(rolls_deg, rolls_deg[0]), turns_deg, atol=7)
    tracks_deg = [np.degrees(reading.track.roll) for reading in readings if reading is not None]
    np.testing.assert_allclose(np.subtract(tracks_deg, tracks_deg[0]), turns_deg, atol=5)


def test_a_face_is_followed_through_scale(
    encoder: EmbeddedFaceEncoder, clips: dict[str, list[Picture]]
) -> None:
    scales = 0.85 ** np.arange(8)
    readings = followed(encoder, [moved(clips["mira.mp4"][0], 0, scale) for scale in scales])
    assert all(reading is not None for reading in readings)
    sides = np.array([reading.track.side for reading in readings if reading is not None])
    np.testing.assert_allclose(sides / sides[0], scales, rtol=0.12)


def test_a_mirror_turns_yaw_and_roll_around(
    encoder: EmbeddedFaceEncoder, clips: dict[str, list[Picture]]
) -> None:
    picture = moved(clips["mira.mp4"][0], 15)
    there = encoder.encode(picture, None)
    mirrored = encoder.encode(np.ascontiguousarray(picture[:, ::-1]), None)
    assert there is not None
    assert mirrored is not None
    expected = there.vector[[PITCH, YAW, ROLL]] * [1, -1, -1]
    np.testing.assert_allclose(
        np.degrees(mirrored.vector[[PITCH, YAW, ROLL]]), np.degrees(expected), atol=8
    )


@pytest.mark.data
@pytest.mark.parametrize("turn_deg", [-20, 0, 20])
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_pose_has_the_signs_of_mediapipe(
    encoder: EmbeddedFaceEncoder,
    teacher: MediaPipeEncoder,
    heads: list[Picture],
    turn_deg: float,
    mirrored: bool,
) -> None:
    ours, theirs = [], []
    for frame in heads:
        seen = moved(np.ascontiguousarray(frame[:, ::-1] if mirrored else frame), turn_deg)
        one, other = encoder.encode(seen, None), teacher.encode(seen, None)
        if one is not None and other is not None:
            ours.append(one.vector[[PITCH, YAW, ROLL]])
            theirs.append(other.vector[[PITCH, YAW, ROLL]])
    assert len(ours) >= 8
    difference_deg = np.degrees(np.abs(np.subtract(ours, theirs)))
    assert difference_deg.mean(axis=0).max() < 9
    # A sign shows where there is an angle to speak of.
    large = np.abs(theirs) > np.radians(12)
    assert large.any()
    assert (np.sign(ours)[large] == np.sign(theirs)[large]).mean() > 0.95
