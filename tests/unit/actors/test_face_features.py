"""The face worker on a batch in which not every image is one."""

from pathlib import Path

import numpy as np

from actors.face_features import FaceFeatureActor
from actors.workers import FaceRequest
from hoovik.errors import ImageError
from hoovik.media.clip import read_clip
from hoovik.settings import Settings


def test_a_bad_image_spoils_no_others_answer(meeting_folder: Path) -> None:
    actor = FaceFeatureActor(Settings())
    mira, jonas = (
        read_clip(meeting_folder / file, fps=5).frames[0].jpeg
        for file in ("mira.mp4", "jonas.webm")
    )
    requests = [FaceRequest(image, None) for image in (b"no image", mira, mira[:500], jonas)]
    answers = actor.encode(requests)
    assert [type(answer.fault) for answer in answers] == [
        ImageError,
        type(None),
        ImageError,
        type(None),
    ]
    for request, answer in zip(requests, answers, strict=True):
        (alone,) = actor.encode([request])
        assert (alone.reading is None) == (answer.reading is None)
        if alone.reading is not None and answer.reading is not None:
            np.testing.assert_allclose(answer.reading.vector, alone.reading.vector, atol=1e-3)
    assert actor.encode([]) == []
