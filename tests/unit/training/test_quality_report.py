import json
from dataclasses import replace

import numpy as np

from training.corpora.clip import Clip, Modality
from training.extraction.encoding import Extracted
from training.extraction.parallel import Extraction, Failure
from training.extraction.report import quality_report
from training.splits import Split

from .media import clip


def extracted(one: Clip, n_speech: int, n_faces: int, take: int = 0) -> Extracted:
    return Extracted(
        one,
        n_ticks=10,
        audio=np.zeros((n_speech, 1024), np.float32),
        audio_ticks=np.arange(n_speech),
        face=np.zeros((n_faces, 326), np.float32),
        expression=np.zeros((n_faces, 6), np.float32),
        face_s=np.arange(n_faces) / 5,
        n_frames=10,
        take=take,
    )


def test_a_report_counts_what_was_read_heard_and_seen() -> None:
    loud, silent, unreadable = clip("a", 0), clip("b", 1), clip("c", None)
    video = clip("d", 0, modality=Modality.VIDEO)
    still, faceless = (clip(name, 3, modality=Modality.STILL) for name in "ef")
    twin = replace(still, speaker="g", name="g", label=4)
    spoilt = extracted(loud, 6, 0)
    spoilt.audio[2, 7] = np.nan
    spoilt.audio[3, 7] = np.inf
    extraction = Extraction(
        [
            spoilt,
            extracted(loud, 9, 0, take=1),
            extracted(silent, 0, 0),
            extracted(video, 0, 4),
            extracted(still, 0, 10),
            extracted(faceless, 0, 0),
            extracted(twin, 0, 10),
        ],
        [Failure(unreadable, "it is torn")],
    )
    splits = {
        Split.TRAIN: [loud, silent, unreadable, video],
        Split.TEST: [still, faceless, twin],
    }
    own = quality_report(splits, extraction).corpora["own"]
    assert (own.clips, own.decoded, own.unreadable) == (7, 6, (("own:c-None", "it is torn"),))
    assert (own.sounds, own.sounds_with_speech, own.ticks, own.speech_ticks) == (2, 1, 20, 6)
    assert (own.videos, own.frames, own.frames_with_face) == (1, 10, 4)
    assert (own.stills, own.stills_with_face) == (3, 2)
    assert own.not_finite == 2
    assert own.duplicates == own.conflicts == (("own:e-3", "own:g"),)
    assert own.by_class == {
        "train": {"angry": 2, "fearful": 1, "no label": 1},
        "test": {"happy": 2, "sad": 1},
    }


def test_a_report_is_written_and_printed_without_private_names() -> None:
    face = clip("adalovelace", 0, corpus="faces", name="0/Lovelace.jpg", modality=Modality.STILL)
    twin = replace(face, name="1/Lovelace.jpg", label=0)
    report = quality_report(
        {Split.TRAIN: [face, twin]},
        Extraction([extracted(face, 0, 10)], [Failure(twin, "torn")]),
    )
    written = json.loads(report.to_json())["faces"]
    assert written["decoded"] == 1
    assert len(written["duplicates"]) == 1
    assert written["conflicts"] == []
    assert "lovelace" not in report.to_json().lower()
    rows = report.table().splitlines()
    assert rows[1].split() == ["faces", "2", "1", "-", "-", "-", "100.0%", "0", "1", "0"]
    assert rows[-1].split()[:3] == ["faces", "train", "2"]
