from collections import Counter
from pathlib import Path

import pytest

from hoovik.errors import ConfigurationError
from hoovik.schema.emotion import EMOTIONS
from training.corpora.clip import CorpusError, Modality
from training.corpora.cremad import read_cremad
from training.corpora.ravdess import read_ravdess
from training.corpora.registry import READERS, open_corpora
from training.corpora.spoken import SPOKEN, read_spoken

from .media import touch


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


@pytest.mark.parametrize(
    ("corpus", "file", "label", "speaker", "sex"),
    [
        ("emodb", "03a01Fa.opus", "happy", "03", "male"),
        ("emodb", "wav/16b10Lb.wav", None, "16", "female"),
        ("emovo", "pau-f2-n4.ogg", "fearful", "f2", "female"),
        ("emovo", "m3/sor-m3-d1.wav", None, "m3", "male"),
        ("nemo", "SM0_sadness_104.ogg", "sad", "SM0", None),
        ("nemo", "samples/EB0_surprised_1.wav", None, "EB0", None),
        ("savee", "JE_sa12.ogg", "sad", "JE", "male"),
        ("savee", "KL_n30.wav", "neutral/calm", "KL", "male"),
        ("savee", "DC_su01.wav", None, "DC", "male"),
    ],
)
def test_corpora_of_speech_say_all_in_their_names(
    tmp_path: Path, corpus: str, file: str, label: str | None, speaker: str, sex: str | None
) -> None:
    touch(tmp_path / file)
    (clip,) = read_spoken(corpus, tmp_path)
    assert (clip.corpus, clip.name, clip.modality) == (corpus, file, Modality.AUDIO)
    assert (clip.speaker, clip.sex) == (f"{corpus}-{speaker}", sex)
    assert clip.label == (None if label is None else EMOTIONS.index(label))


@pytest.mark.parametrize(
    ("corpus", "file"),
    [
        ("emodb", "04a01Fa.wav"),
        ("emovo", "rab-f4-b1.wav"),
        ("nemo", "EB0_disgust_1.wav"),
        ("savee", "DC_s01.wav"),
    ],
)
def test_other_names_are_refused(tmp_path: Path, corpus: str, file: str) -> None:
    touch(tmp_path / file)
    with pytest.raises(CorpusError, match=f"{file} has no name of {SPOKEN[corpus].title}"):
        read_spoken(corpus, tmp_path)


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
    counts = {
        "ravdess": 1_040,
        "emodb": 454,
        "emovo": 504,
        "nemo": 1_908,
        "savee": 480,
        "fer2013": 14_977,
        "ferplus": 28_523,
        "faces": 10_500,
    }
    clips = open_corpora(f"{kind}:{data / kind}" for kind in counts)
    assert Counter(one.corpus for one in clips) == counts
    assert len({(one.corpus, one.name) for one in clips}) == len(clips)
    speakers = {one.speaker for one in clips if one.corpus == "ravdess"}
    assert len(speakers) == 20
