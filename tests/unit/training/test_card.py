"""The card says what was measured, and nothing that was not."""

import shutil
from copy import deepcopy
from pathlib import Path

import pytest

from hoovik.schema.emotion import EMOTIONS
from hoovik.settings import MODEL_ARTIFACTS
from tests.unit.training.carded import ENCODERS_ALONE, SPLITS, manifest, quality
from tests.unit.training.evaluated import evaluated, learned
from training.card.card import model_card, write_card
from training.corpora.record import CorpusSplits, SplitsRecord

PICTURES = {"anomalies", "confusion", "curves", "importance", "reliability"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a card over the shipped trees, with a picture of an earlier build in it."""
    path = tmp_path_factory.mktemp("bundle")
    for name in ("trees.ubj", "projections.safetensors"):
        shutil.copy(MODEL_ARTIFACTS / "embedded" / name, path)
    (path / "card").mkdir()
    (path / "card" / "earlier.svg").write_text("<svg/>")
    write_card(
        path,
        manifest(),
        evaluated(),
        SPLITS,
        curves=learned(),
        quality=quality(),
        encoders=ENCODERS_ALONE,
    )
    return path


def of(**changed: object) -> str:
    """A card without pictures, of figures in which something is changed."""
    return model_card(manifest(), {**evaluated(), **changed}, SPLITS)


def flat(card: str) -> str:
    return " ".join(card.split())


def with_corpora(*corpora: str) -> SplitsRecord:
    return SplitsRecord(0, {name: CorpusSplits(clips={}, owners={}) for name in corpora})


def test_every_picture_lies_beside_the_card_and_is_linked_with_words(folder: Path) -> None:
    assert {path.stem for path in (folder / "card").iterdir()} == PICTURES
    card = (folder / "MODEL_CARD.md").read_text()
    for name in PICTURES:
        before, found, _ = card.partition(f"](card/{name}.svg)")
        assert found
        alternative = before.rpartition("![")[2]
        assert len(alternative) > 40
        assert "]" not in alternative


def test_no_line_of_prose_is_longer_than_100_columns(folder: Path) -> None:
    lines = (folder / "MODEL_CARD.md").read_text().splitlines()
    assert max(len(line) for line in lines if not line.startswith("|")) <= 100


def test_every_table_has_as_many_cells_in_each_line(folder: Path) -> None:
    blocks = (folder / "MODEL_CARD.md").read_text().split("\n\n")
    tables = [block.splitlines() for block in blocks if block.startswith("|")]
    assert len(tables) == 16
    for lines in tables:
        assert len({line.count("|") for line in lines}) == 1


def test_the_figures_stand_as_they_were_measured() -> None:
    figures = evaluated()
    both = figures["profiles"]["both"]
    low, high = both["uar_ci"]
    card = of()
    assert f"| voice and face | 600 | 6 | {both['accuracy']:.3f} |" in card
    assert f"{both['uar']:.3f} ({low:.3f} to {high:.3f})" in card
    assert f"| {both['uncalibrated']['ece']:.3f}, {both['ece']:.3f} |" in card
    assert "| told | 0.07 | 0.04 | 0.04 | 0.16 | 0.09 | 0.60 |" in card
    assert "| voice alone | the logistic regression alone |" in card
    assert "| voice and face | 0.713 | 0.512 | 37.4% | 90.8% | 0.865 | 0.641 |" in card
    assert "| voice alone | 0.210 (0.170 to 0.260) | 15.0% | 24.0% | 30.0% |" in card
    recalls = " | ".join(f"{both['recall'][emotion]:.2f}" for emotion in EMOTIONS)
    assert f"| voice and face | {recalls} |" in card
    assert "| voice and face | 4.1% | 5.1% | 67.2% | 23.6% |" in card
    assert "| voice and face | 6 | 89.3% | 73.7% (n = 11) | 0.488, 0.561 (n = 9) |" in card
    noise = "| noise at 0 dB | voice alone | 150 | 52.0% | 44.0% | 12.0% | 41.0% | 20.5% |"
    assert f"{noise} `noisy` 41%, `too_short` 10% |" in card
    assert "| **79.7%** | **71.7%** |" in card
    assert "832 of ravdess are of people whom the bundle has seen" in flat(card)


def test_the_encoders_and_the_quality_stand_where_they_are_given(folder: Path) -> None:
    card = (folder / "MODEL_CARD.md").read_text()
    assert "| face | correlation of a blendshape, median | 0.740 |" in card
    assert "| voice | UAR of one clip, n = 312 | 0.584 |" in card
    assert "| ravdess | 416 | 1 | 98.8% | 50.0% | none | none | 0 | 1 | 0 |" in card
    assert "on their own" not in of()
    assert "What could be read" not in of()


def test_a_class_that_did_not_occur_has_no_figure() -> None:
    profiles = deepcopy(evaluated()["profiles"])
    profiles["video_only"]["recall"]["disgust"] = None
    profiles["video_only"]["uar_ci"] = [None, None]
    card = of(profiles=profiles)
    assert "(none to none)" in card
    recalls = card.partition("| recall |")[2]
    row = next(line for line in recalls.splitlines() if line.startswith("| face alone | 0."))
    assert row.split(" | ")[3] == "none"


def test_what_was_not_measured_is_not_mentioned() -> None:
    profiles = {"audio_only": deepcopy(evaluated()["profiles"]["audio_only"])}
    for key in ("by_sex", "ablations"):
        del profiles["audio_only"][key]
    card = model_card(manifest(), {"profiles": profiles}, SPLITS)
    for absent in ("face alone", "Pairs of", "Corrupted input", "![", "| sex |", "do not count"):
        assert absent not in card
    assert "No figures by sex" in card


def test_pairs_are_told_from_people_who_speak_and_show_themselves() -> None:
    profiles = deepcopy(evaluated()["profiles"])
    assert "made across corpora, by label" in of(profiles=profiles)
    profiles["both"]["pairs"] = "real"
    assert "made across corpora, by label" not in of(profiles=profiles)
    assert "one and the same person" in of(profiles=profiles)


@pytest.mark.parametrize(
    ("audio", "face", "title"),
    [
        ("embedded", "embedded", "embedded bundle"),
        ("wav2vec2", "mediapipe", "reference bundle"),
        ("wav2vec2", "embedded", "reference voice, embedded face bundle"),
    ],
)
def test_the_title_tells_the_encoders(audio: str, face: str, title: str) -> None:
    card = model_card(manifest(audio, face), evaluated(), SPLITS)
    assert card.startswith(f"# Model card: {title} 1.0.0+0123abcd\n")
    assert ("audEERING" in card) == (audio == "wav2vec2")
    assert ("the teacher of the face encoder" in flat(card)) == (face == "embedded")


def test_random_weights_are_said_in_bold_at_the_top() -> None:
    card = model_card(manifest(), evaluated(), SPLITS, untrained=True)
    assert card.split("\n\n")[1].startswith("**`untrained: true`. The encoders have random weights")
    assert "fitted on the training speakers" not in flat(card)
    assert "untrained" not in of()


def test_the_sources_are_those_of_the_corpora_that_were_used() -> None:
    card = flat(model_card(manifest(), evaluated(), with_corpora("cremad", "our calls")))
    assert "Open Database License" in card
    assert "**our calls**: given by a manifest" in card
    assert "Livingstone" not in card
    assert "FER2013 names nobody" not in card
    assert "other languages were not heard" not in card


def test_only_what_allows_it_may_be_used_commercially() -> None:
    plain = with_corpora("cremad", "faces")
    free = model_card(manifest("own", "mediapipe"), evaluated(), plain)
    assert "for non-commercial use only" not in free
    assert "for non-commercial use only" in model_card(manifest("wav2vec2"), evaluated(), plain)
    mixed = model_card(manifest("own", "mediapipe"), evaluated(), with_corpora("ravdess"))
    assert "for non-commercial use only" in mixed


def test_classes_that_a_face_hardly_shows_are_named_with_their_recall() -> None:
    profiles = deepcopy(evaluated()["profiles"])
    profiles["video_only"]["recall"] = dict.fromkeys(EMOTIONS, 0.5) | {"disgust": 0.02}
    assert "It hardly recalls disgust (0.02)." in flat(of(profiles=profiles))


def test_what_it_must_not_be_used_for_stands_in_every_card() -> None:
    card = flat(of())
    assert "Article 5(1)(f) of the EU AI Act" in card
    assert "*expressed* emotion" in card


def test_what_is_flagged_on_validation_stands_beside_the_test() -> None:
    figures = evaluated()
    assert "on validation |" not in flat(model_card(manifest(), figures, SPLITS))
    figures["profiles"]["both"]["anomaly_rate_validation"] = 0.0987
    assert "11.0%, 9.9% on validation |" in flat(model_card(manifest(), figures, SPLITS))
