import pytest

from training.corpora.leaks import LeakError, check_disjoint
from training.splits import EMODB_SPEAKERS, RAVDESS_ACTORS, Split, face_split, fer2013_split


def test_disjoint_owners_pass() -> None:
    check_disjoint({Split.TRAIN: ["a", "b", "a"], Split.TEST: ["c"]})


def test_an_owner_in_two_splits_is_refused_by_name() -> None:
    with pytest.raises(LeakError, match=r"1 owners are in test .* such as b in train"):
        check_disjoint({Split.TRAIN: ["a", "b"], Split.VALIDATION: ["c"], Split.TEST: ["b"]})


def test_the_speakers_of_the_project_are_disjoint() -> None:
    for corpus in (RAVDESS_ACTORS, EMODB_SPEAKERS):
        check_disjoint({split: map(str, speakers) for split, speakers in corpus.items()})


def test_a_person_keeps_one_split_however_it_is_spelt() -> None:
    assert face_split("Ada_Lovelace_0001") is face_split("ada lovelace")


@pytest.mark.parametrize(
    ("usage", "splits"),
    [
        ("Training", {Split.TRAIN, Split.VALIDATION}),
        ("PublicTest", {Split.CALIBRATION, Split.TEST}),
    ],
)
def test_parts_of_fer2013_stay_apart(usage: str, splits: set[Split]) -> None:
    assert {fer2013_split(usage, f"{number:016x}") for number in range(100)} == splits


def test_an_unknown_part_of_fer2013_is_refused() -> None:
    with pytest.raises(ValueError, match="PrivateTest"):
        fer2013_split("PrivateTest", "0" * 64)
