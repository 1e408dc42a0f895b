"""What rules find wrong with pictures of a face."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from hoovik.face.crop import MARGIN
from hoovik.face.embedded import EmbeddedFaceEncoder
from hoovik.face.encoder import FaceReading
from hoovik.face.image import decode_image
from hoovik.face.quality import judged
from hoovik.layout import POSE
from hoovik.media.clip import read_clip
from hoovik.schema.reason import Reason
from hoovik.session.sight import FROZEN_LOOKS
from hoovik.settings import FaceSettings, SessionSettings
from tests.faces import Picture, followed, pictures

pytestmark = pytest.mark.usefixtures("one_thread")

STILL_LEVELS = SessionSettings().frozen_levels
SPEAKERS = ("lp_d10.mp4", "lp_d11.mp4", "vr_1.mp4", "vr_2.mp4", "vr_5.mp4")


@pytest.fixture(scope="module")
def face(data: Path) -> Picture:
    return pictures(data / "recordings" / "vr_1.mp4")[0]


def read(encoder: EmbeddedFaceEncoder, *frames: Picture) -> list[FaceReading]:
    """Readings of a picture and of those after it; the first settles where the face is."""
    found = [one for one in followed(encoder, [frames[0], *frames]) if one is not None]
    assert len(found) == 1 + len(frames)
    return found[1:]


def encoded_again(picture: Picture, quality: int) -> Picture:
    coded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return decode_image(coded.tobytes(), FaceSettings())


def test_people_who_talk_to_a_camera_have_no_faults(
    encoder: EmbeddedFaceEncoder, data: Path
) -> None:
    for file in SPEAKERS:
        seen = [one for one in followed(encoder, pictures(data / "recordings" / file)) if one]
        assert {fault for one in seen for fault in one.faults} == set()


def test_what_is_wrong_with_a_picture_is_told(encoder: EmbeddedFaceEncoder, face: Picture) -> None:
    (reading,) = read(encoder, face)
    side_px = reading.track.side * face.shape[1]
    wrong = {
        Reason.BLURRED: cv2.GaussianBlur(face, (0, 0), 0.05 * side_px / MARGIN),
        Reason.DARK: 0.12 * face,
        Reason.SMALL: cv2.resize(face, None, fx=40 / side_px, fy=40 / side_px),
    }
    for fault, picture in wrong.items():
        assert judged(reading, np.asarray(picture, np.uint8), None).faults == (fault,)


def test_a_face_that_turns_away_is_told(encoder: EmbeddedFaceEncoder, face: Picture) -> None:
    (reading,) = read(encoder, face)
    for yaw_degrees, faults in ((40, ()), (-60, (Reason.TURNED_AWAY,))):
        vector = reading.vector.copy()
        vector[POSE] = 0, np.radians(yaw_degrees), 0
        turned = FaceReading(vector, reading.track)
        assert judged(turned, face, None).faults == faults


def test_a_picture_that_is_sent_again_does_not_change(
    encoder: EmbeddedFaceEncoder, face: Picture
) -> None:
    assert [one.change for one in read(encoder, face, face, face)] == [0, 0, 0]
    again = read(encoder, encoded_again(face, 80), encoded_again(face, 85), encoded_again(face, 80))
    assert max(one.change for one in again[1:] if one.change is not None) < STILL_LEVELS


def test_a_living_face_changes_by_more_than_a_frozen_one(
    encoder: EmbeddedFaceEncoder, data: Path
) -> None:
    rng = np.random.default_rng(0)
    for file in SPEAKERS:
        frames = [frame.jpeg for frame in read_clip(data / "recordings" / file, fps=10 / 3).frames]
        shown = [decode_image(frame, FaceSettings()) for frame in frames]
        for noise_levels in (0, 2):
            seen = followed(
                encoder,
                [
                    np.clip(one + rng.normal(0, noise_levels, one.shape), 0, 255).astype(np.uint8)
                    for one in shown
                ],
            )
            changes = [one.change for one in seen if one is not None and one.change is not None]
            looks = np.lib.stride_tricks.sliding_window_view(changes, FROZEN_LOOKS)
            assert looks.max(axis=1).min() > 4 * STILL_LEVELS


def test_a_face_that_was_not_there_before_has_no_change(
    encoder: EmbeddedFaceEncoder, face: Picture
) -> None:
    reading = encoder.encode(face, None)
    assert reading is not None
    assert reading.change is None
