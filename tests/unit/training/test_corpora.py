from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from hoovik.errors import ConfigurationError
from hoovik.schema.emotion import EMOTIONS
from training.corpora.clip import CorpusError, Modality
from training.corpora.cremad import read_cremad
from training.corpora.emodb import read_emodb
from training.corpora.faces import read_faces
from training.corpora.fer2013 import read_fer2013
from training.corpora.ravdess import read_ravdess
from training.corpora.registry import READERS, open_corpora

from .media import touch

PIXELS = " ".join(str(value % 256) for value in range(48 * 48))


@pytest.mark.parametrize(
    ("file", "modality", "label", "speaker", "sex"),
    [
        ("Actor_04/01-01-05-01-01-01-04.mp4", "both", "angry", "ravdess-04", "female"),
        ("02-01-06-01-01-01-01.mp4", "video", "fearful", "ravdess-01", "male"),
        ("Actor_12/03-01-02-01-01-01-12.wav", "audio", "neutral/calm", "ravdess-12", "female"),
        ("a/b/03-01-07-01-01-01-03.flac", "audio", "disgust", "ravdess-03", "male"),
        ("Actor_03/03-01-08-01-01-01-03.opus", "audio", None, "ravdess-03", "male"),
    ],
)
def test_ravdess_reads_names(
    tmp_path: Path, file: str, modality: str, label: str | None, speaker: str, sex: str
) -> None:
    touch(tmp_path / file)
    (clip,) = read_ravdess(tmp_path)
    assert (clip.name, clip.modality, clip.speaker, clip.sex) == (file, modality, speaker, sex)
    assert clip.label == (None if label is None else EMOTIONS.index(label))


def test_ravdess_leaves_out_songs_and_what_lies_there_twice(tmp_path: Path) -> None:
    for file in (
        "01-01-05-01-01-01-01.mp4",
        "02-01-05-01-01-01-01.mp4",
        "sound/03-01-05-01-01-01-01.wav",
        "sound/03-01-05-01-02-01-01.wav",
        "sound/again/03-01-05-01-02-01-01.wav",
        "sound/03-02-05-01-01-01-01.wav",
    ):
        touch(tmp_path / file)
    assert [clip.name for clip in read_ravdess(tmp_path)] == [
        "01-01-05-01-01-01-01.mp4",
        "sound/03-01-05-01-02-01-01.wav",
    ]


@pytest.mark.parametrize(
    "file", ["03-01-05-01-01-01-01.mp4", "01-01-05-01-01-01-01.wav", "03-01-05-01-01-01-25.wav"]
)
def test_ravdess_refuses_other_names(tmp_path: Path, file: str) -> None:
    touch(tmp_path / file)
    with pytest.raises(CorpusError, match=f"{file} has no name of RAVDESS"):
        read_ravdess(tmp_path)


def test_cremad_keeps_the_video_of_a_take_and_reads_sexes(tmp_path: Path) -> None:
    for file in (
        "AudioWAV/1001_DFA_ANG_XX.wav",
        "AudioWAV/1002_IEO_NEU_HI.wav",
        "VideoFlash/1001_DFA_ANG_XX.flv",
    ):
        touch(tmp_path / file)
    both, sound = read_cremad(tmp_path)
    assert (both.modality, both.name) == (Modality.BOTH, "VideoFlash/1001_DFA_ANG_XX.flv")
    assert (sound.modality, sound.label, sound.sex) == (Modality.AUDIO, 5, None)
    (tmp_path / "VideoDemographics.csv").write_text(
        "ActorID,Age,Sex\n1001,51,Male\n1002,21,Female\n"
    )
    assert [clip.sex for clip in read_cremad(tmp_path)] == ["male", "female"]


def test_cremad_refuses_other_names_and_other_tables(tmp_path: Path) -> None:
    touch(tmp_path / "AudioWAV/1001_DFA_BOR_XX.wav")
    with pytest.raises(CorpusError, match="1001_DFA_BOR_XX"):
        read_cremad(tmp_path)
    (tmp_path / "VideoDemographics.csv").write_text("actor,gender\n1001,m\n")
    with pytest.raises(CorpusError, match="ActorID and Sex"):
        read_cremad(tmp_path)


def test_emodb_reads_names_in_both_folders(tmp_path: Path) -> None:
    touch(tmp_path / "wav/16b10Lb.wav")
    touch(tmp_path / "03a01Fa.opus")
    happy, bored = read_emodb(tmp_path)
    assert (happy.speaker, happy.sex, happy.label) == ("emodb-03", "male", EMOTIONS.index("happy"))
    assert (bored.speaker, bored.sex, bored.label) == ("emodb-16", "female", None)
    touch(tmp_path / "04a01Fa.wav")
    with pytest.raises(CorpusError, match="04a01Fa"):
        read_emodb(tmp_path)


def test_fer2013_reads_the_published_table(tmp_path: Path) -> None:
    table = tmp_path / "fer2013.csv"
    table.write_text(f"emotion,pixels,Usage\n3,{PIXELS},Training\n5,{PIXELS},PrivateTest\n")
    happy, surprised = read_fer2013(tmp_path)
    assert read_fer2013(table) == [happy, surprised]
    assert (happy.name, happy.usage, happy.label) == ("Training/00000", "Training", 3)
    assert surprised.label is None
    assert happy.speaker == surprised.speaker == f"fer2013-{happy.digest()[:16]}"
    pixels = cv2.imdecode(np.frombuffer(happy.read(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert " ".join(map(str, pixels.ravel())) == PIXELS


@pytest.mark.parametrize(
    "row", ["7,{},Training", "3,1 2 3,Training", "3,{},Test", "3,{} 5,Training", "x,{},Training"]
)
def test_fer2013_names_the_row_that_does_not_parse(tmp_path: Path, row: str) -> None:
    table = tmp_path / "t.csv"
    good = f"3,{PIXELS},Training"
    table.write_text(f"emotion,pixels,Usage\n{good}\n{row.format(PIXELS)}\n")
    with pytest.raises(CorpusError, match="row 2 does not parse"):
        read_fer2013(table)


def test_packed_pictures_must_fit_their_index(tmp_path: Path) -> None:
    (tmp_path / "images.jpgs").write_bytes(b"abcdef")
    names = np.array(["Ada_Lovelace_0001.jpg", "facial-expressions_1k.jpg"])
    emotions = np.array(["anger", "contempt"])
    index = tmp_path / "index.npz"
    np.savez(index, offset=np.array([0, 2, 6]), name=names, emotion=emotions)
    ada, nobody = read_faces(tmp_path)
    assert (ada.media, ada.speaker, ada.label) == (b"ab", "adalovelace", 0)
    assert (nobody.speaker, nobody.label) == (f"faces-{nobody.digest()[:16]}", None)
    assert "ada" not in ada.reference.lower()
    np.savez(index, offset=np.array([0, 2, 5]), name=names, emotion=emotions)
    with pytest.raises(CorpusError, match="3 offsets for 6 bytes"):
        read_faces(tmp_path)


@pytest.mark.parametrize("kind", READERS)
def test_every_reader_names_the_place_where_nothing_is(tmp_path: Path, kind: str) -> None:
    with pytest.raises(CorpusError, match=f"{tmp_path}/none.* expected"):
        open_corpora([f"{kind}:{tmp_path}/none"])


def test_corpora_are_opened_by_kind_and_path(tmp_path: Path) -> None:
    touch(tmp_path / "r/03-01-05-01-01-01-01.wav")
    touch(tmp_path / "e/03a01Fa.wav")
    clips = open_corpora([f"emodb:{tmp_path}/e", f"ravdess:{tmp_path}/r"])
    assert [clip.corpus for clip in clips] == ["emodb", "ravdess"]
    with pytest.raises(CorpusError, match="'iemocap'; one of ravdess, cremad"):
        open_corpora(["iemocap:/data"])
    for place in ("ravdess", ":/data", "ravdess:"):
        with pytest.raises(ConfigurationError, match="KIND:PATH"):
            open_corpora([place])


@pytest.mark.data
def test_the_corpora_at_hand_are_read_whole(data: Path) -> None:
    clips = open_corpora(
        f"{kind}:{data / kind}" for kind in ("ravdess", "emodb", "fer2013", "faces")
    )
    counts = Counter(one.corpus for one in clips)
    assert counts == {"ravdess": 1_040, "emodb": 454, "fer2013": 14_977, "faces": 10_500}
    assert len({(one.corpus, one.name) for one in clips}) == len(clips)
    speakers = {one.speaker for one in clips if one.corpus == "ravdess"}
    assert len(speakers) == 20
