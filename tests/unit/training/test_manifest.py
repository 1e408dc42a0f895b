from pathlib import Path

import pytest

from hoovik.schema.emotion import EMOTIONS
from training.corpora.clip import CorpusError, Modality
from training.corpora.manifest import read_manifest

from .media import touch

HEADER = "path,label,speaker,modality,sex,corpus\n"


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    touch(tmp_path / "sounds/a.wav")
    touch(tmp_path / "b.png")
    return tmp_path / "mine.csv"


def test_a_manifest_is_read_row_by_row(manifest: Path) -> None:
    manifest.write_text(
        HEADER
        + "sounds/a.wav,Anger,7,audio,Female,\nb.png,calm,,still,,lab\nb.png,joy,ravdess-4,both,,ravdess\n"
    )
    sound, still, actor = read_manifest(manifest)
    assert (sound.corpus, sound.speaker, sound.sex) == ("mine", "mine-07", "female")
    assert sound.media == manifest.parent / "sounds/a.wav"
    assert (still.speaker, still.modality) == (f"lab-{still.digest()[:16]}", Modality.STILL)
    assert (actor.speaker, actor.sex) == ("ravdess-04", None)
    assert [EMOTIONS[one.label or 0] for one in (sound, still, actor)] == [
        "angry",
        "neutral/calm",
        "happy",
    ]


def test_only_the_columns_that_matter_are_needed(manifest: Path) -> None:
    manifest.write_text("speaker,path,modality,label\nada,b.png,still,fear\n")
    assert [clip.speaker for clip in read_manifest(manifest)] == ["mine-ada"]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("c.wav,anger,a,audio,,", "no file .*c.wav"),
        (",anger,a,audio,,", "no file"),
        ("b.png,envy,a,still,,", "no label 'envy'; one of angry, fearful"),
        ("b.png,anger,a,smell,,", "no modality 'smell'; one of audio, video"),
        ("b.png,anger,a,still,x,", "no sex 'x'"),
        ("sounds/a.wav,anger,,audio,,", "no speaker"),
        ("b.png,anger,a,still,,fer2013", "fer2013 has a reader of its own"),
    ],
)
def test_a_fault_is_told_with_its_row(manifest: Path, row: str, fault: str) -> None:
    manifest.write_text(f"{HEADER}b.png,sad,a,still,,\n{row}\n")
    with pytest.raises(CorpusError, match=f"mine.csv, row 2: .*{fault}"):
        read_manifest(manifest)


@pytest.mark.parametrize("text", ["", "path,label\nb.png,sad\n", HEADER, HEADER[:-1] + ",age\n"])
def test_other_tables_are_refused(manifest: Path, text: str) -> None:
    manifest.write_text(text)
    with pytest.raises(CorpusError, match="expected"):
        read_manifest(manifest)
