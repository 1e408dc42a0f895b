from pathlib import Path

import numpy as np
import pytest

from hoovik.face.layout import LEFT_EYE_CORNER, RIGHT_EYE_CORNER
from training.corpora.faces import read_faces
from training.face.pictures import read_pictures
from training.face.teacher import taught


@pytest.mark.data
def test_the_teacher_sees_in_small_pictures_what_it_saw_in_large_ones(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.cache.CACHE", tmp_path)
    # Square originals, which were not squeezed on their way into the corpus.
    pictures = read_pictures(data / "faces")
    clips = read_faces(data / "faces")
    square = [row for row in range(len(pictures)) if len(set(pictures.images[row].shape)) == 1]
    square = list({clips[row].speaker: row for row in square}.values())[:6]
    seen = taught([clips[row] for row in square], data / "models" / "face_landmarker.task")
    assert len(seen) >= 5
    row_of = {clips[row].speaker: row for row in square}
    for place, owner in enumerate(seen.persons.tolist()):
        true = pictures.points[row_of[owner]]
        eyes_px = np.linalg.norm(true[LEFT_EYE_CORNER] - true[RIGHT_EYE_CORNER])
        error_px = np.linalg.norm(seen.points[place] - true, axis=1).mean()
        assert error_px / eyes_px < 0.05
        assert seen.pose[place] == pytest.approx(pictures.pose[row_of[owner]], abs=0.15)
