from collections import Counter
from collections.abc import Callable

import pytest

from training.corpora.leaks import LeakError, check_disjoint
from training.splits import (
    EMODB_SPEAKERS,
    RAVDESS_ACTORS,
    Split,
    face_split,
    fer2013_split,
    ferplus_split,
)


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
    ("rule", "usage", "percent"),
    [
        (fer2013_split, "Training", {Split.TRAIN: 90, Split.VALIDATION: 10}),
        (fer2013_split, "PublicTest", {Split.CALIBRATION: 50, Split.TEST: 50}),
        (
            ferplus_split,
            "Training",
            {Split.TRAIN: 84, Split.VALIDATION: 8, Split.CALIBRATION: 8},
        ),
        (ferplus_split, "PublicTest", {Split.TEST: 100}),
    ],
)
def test_parts_of_fer2013_stay_apart(
    rule: Callable[[str, str], Split], usage: str, percent: dict[Split, int]
) -> None:
    assert Counter(rule(usage, f"{number:016x}") for number in range(100)) == percent


@pytest.mark.parametrize("rule", [fer2013_split, ferplus_split])
def test_an_unknown_part_of_fer2013_is_refused(rule: Callable[[str, str], Split]) -> None:
    with pytest.raises(ValueError, match="PrivateTest"):
        rule("PrivateTest", "0" * 64)
